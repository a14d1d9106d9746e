package executor

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/near"
	"dkron/plugin"
)

// Processors is a fixed set of processors. It is safe for concurrent use.
type Processors struct {
	entries []Entry
	byName  map[string]plugin.Processor
}

// NewProcessors returns the named processors, in that order.
func NewProcessors(names []string, processors map[string]plugin.Processor) (*Processors, error) {
	p := &Processors{byName: processors}
	for _, name := range names {
		var schema json.RawMessage
		var check func(map[string]string) []plugin.Problem
		if d, ok := processors[name].(plugin.Describer); ok {
			schema = d.Describe()
		}
		if k, ok := processors[name].(plugin.Checker); ok {
			check = k.Check
		}
		e, err := newEntry(name, schema, check)
		if err != nil {
			return nil, fmt.Errorf("processor: %w", err)
		}
		p.entries = append(p.entries, e)
	}
	return p, nil
}

// Entries returns the processors in their order. The caller must not change them.
func (p *Processors) Entries() []Entry { return p.entries }

// Find returns the processor of that name, nil if there is none.
func (p *Processors) Find(name string) plugin.Processor { return p.byName[name] }

// onKey is the key that asks for a processor to run where the job did.
const onKey = "on"

// Judge returns the problems of a job's processors.
func (p *Processors) Judge(j *dkron.Job) (found []dkron.Problem) {
	for _, name := range j.ProcessorNames() {
		config := j.Processors[name]
		i := slices.IndexFunc(p.entries, func(e Entry) bool { return e.Name == name })
		if i < 0 {
			found = append(found, p.unknown(name))
			continue
		}
		e := &p.entries[i]
		found = append(found, problems("processors."+name, slices.Concat(e.check(config), e.unknownKeys(without(config))))...)
		found = append(found, judgeCommon(name, config)...)
	}
	return found
}

// without returns a configuration without the keys that judgeCommon judges.
func without(config map[string]string) map[string]string {
	rest := maps.Clone(config)
	delete(rest, onKey)
	delete(rest, plugin.Order)
	return rest
}

// judgeCommon returns the problems of the keys that mean the same to all processors.
func judgeCommon(name string, config map[string]string) (found []dkron.Problem) {
	say := func(key, text string) {
		field := "processors." + name + "." + key
		found = append(found, dkron.Problem{Field: field, Text: field + " " + text})
	}
	if text, there := config[onKey]; there {
		say(onKey, "is "+plugin.Shown(text)+", but in this version processors run on the server that leads, whatever it says; leave it out")
	}
	if text, there := config[plugin.Order]; there {
		if _, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32); err != nil {
			say(plugin.Order, "is "+plugin.Shown(text)+", which is not a whole number, so it counts as 0; write one such as \"10\"")
		}
	}
	return found
}

// unknown returns the problem of a name that no processor has.
func (p *Processors) unknown(name string) dkron.Problem {
	shown := strings.Trim(plugin.Shown(name), `"`)
	var names []string
	for _, e := range p.entries {
		names = append(names, e.Name)
	}
	text := "processors." + shown + " is not a processor that servers of this version have, so outputs are not given to it; "
	if meant := near.Nearest(name, names); meant != "" {
		text += "did you mean " + meant + "?"
	} else {
		text += "write " + list(names)
	}
	return dkron.Problem{Field: "processors." + shown, Text: text}
}
