package executor

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dkron/plugin"
)

// Catalogue is a fixed set of executors. It is safe for concurrent use.
type Catalogue struct {
	entries []Entry
}

// Entry is an executor of a catalogue.
type Entry struct {
	Name   string
	Schema json.RawMessage // nil: the executor does not describe itself

	keys  []string // that Schema names, sorted
	roles map[plugin.Role]role
	check func(config map[string]string) []plugin.Problem
}

// NewCatalogue returns a catalogue of the named executors, in that order.
func NewCatalogue(names []string, executors map[string]plugin.Executor) (*Catalogue, error) {
	c := &Catalogue{}
	for _, name := range names {
		e := Entry{Name: name, check: func(map[string]string) []plugin.Problem { return nil }}
		executor := executors[name]
		if d, ok := executor.(plugin.Describer); ok {
			e.Schema = d.Describe()
			var schema struct {
				Properties map[string]property `json:"properties"`
			}
			if err := json.Unmarshal(e.Schema, &schema); err != nil {
				return nil, fmt.Errorf("executor %s: its description is no JSON Schema: %w", name, err)
			}
			e.keys = slices.Sorted(maps.Keys(schema.Properties))
			e.roles = rolesOf(schema.Properties)
		}
		if k, ok := executor.(plugin.Checker); ok {
			e.check = k.Check
		}
		c.entries = append(c.entries, e)
	}
	return c, nil
}

// Entries returns the executors in their order. The caller must not change them.
func (c *Catalogue) Entries() []Entry { return c.entries }

// find returns the executor of that name, nil if there is none.
func (c *Catalogue) find(name string) *Entry {
	for i := range c.entries {
		if c.entries[i].Name == name {
			return &c.entries[i]
		}
	}
	return nil
}

// names returns the names as a list for people: shell, http or kafka.
func (c *Catalogue) names() string {
	var names []string
	for _, e := range c.entries {
		names = append(names, e.Name)
	}
	return list(names)
}

// list returns names as a list for people.
func list(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
