package executor

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/near"
	"dkron/plugin"
)

// Processors is the processors that jobs may use. It is safe for concurrent use.
type Processors struct{ set }

// KnownProcessors returns what the named processors say of themselves, in that order.
func KnownProcessors(names []string, processors map[string]plugin.Processor) (*Known, error) {
	return newKnown("processor", names, func(name string) any { return processors[name] })
}

// NewProcessors returns the processors of which that is known. elsewhere returns those of all nodes and must be quick; it may be
// nil.
func NewProcessors(processors *Known, elsewhere func() []Other) *Processors {
	return &Processors{set{processors, elsewhere}}
}

// Judge returns the problems of a job's processors.
func (p *Processors) Judge(j *dkron.Job) (found []dkron.Problem) {
	for _, name := range j.ProcessorNames() {
		config := j.Processors[name]
		e := p.find(name)
		if e == nil {
			if e = p.other(name); e == nil {
				found = append(found, p.unknown(name))
				continue
			}
			found = append(found, notHere(name, config)...)
		}
		found = append(found, problems("processors."+name, slices.Concat(e.check(config), e.unknownKeys(without(config))))...)
		found = append(found, judgeCommon(name, config)...)
	}
	return found
}

// without returns a configuration without the keys that judgeCommon judges.
func without(config map[string]string) map[string]string {
	rest := maps.Clone(config)
	delete(rest, plugin.On)
	delete(rest, plugin.Order)
	return rest
}

// judgeCommon returns the problems of the keys that mean the same to all processors.
func judgeCommon(name string, config map[string]string) (found []dkron.Problem) {
	say := func(key, text string) {
		field := "processors." + name + "." + key
		found = append(found, dkron.Problem{Field: field, Text: field + " " + text})
	}
	if text, there := config[plugin.On]; there && text != dkron.ProcessedOn(config) {
		say(plugin.On, "is "+plugin.Shown(text)+", which is not a place, so it counts as leader; write \"leader\" or \"node\"")
	}
	if text, there := config[plugin.Order]; there {
		if _, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32); err != nil {
			say(plugin.Order, "is "+plugin.Shown(text)+", which is not a whole number, so it counts as 0; write one such as \"10\"")
		}
	}
	return found
}

// notHere returns the problem of a processor that this server lacks, but other nodes have.
func notHere(name string, config map[string]string) []dkron.Problem {
	if dkron.ProcessedOn(config) == dkron.ProcessorOnNode {
		return nil
	}
	field := "processors." + name
	return []dkron.Problem{{Field: field, Text: field + " is a plugin that other nodes have, but not this server, so outputs are not given to it while this server leads; install it on every server"}}
}

// unknown returns the problem of a name that no processor has.
func (p *Processors) unknown(name string) dkron.Problem {
	shown := strings.Trim(plugin.Shown(name), `"`)
	var names []string
	for _, e := range *p.entries.Load() {
		names = append(names, e.Name)
	}
	text := "processors." + shown + " is not a processor that servers of this version have, so outputs are not given to it; "
	if meant := near.Nearest(name, names); meant != "" {
		text += "did you mean " + meant + "?"
	} else {
		text += "write " + p.names()
	}
	return dkron.Problem{Field: "processors." + shown, Text: text}
}
