package executor

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"dkron/plugin"
)

// Catalogue is the executors that jobs may use: built-in ones, and plugins, which describe themselves later or never. It
// is safe for concurrent use.
type Catalogue struct {
	elsewhere func() []string

	mu      sync.Mutex // guards the replacement of entries
	entries atomic.Pointer[[]Entry]
}

// Entry is an executor of a catalogue, as the API lists it.
type Entry struct {
	Name string `json:"name"`
	// Schema is the JSON Schema of its configuration; nil: it does not describe itself.
	Schema json.RawMessage `json:"schema,omitempty"`

	keys  []string // that Schema names, sorted
	roles map[plugin.Role]role
	check func(config map[string]string) []plugin.Problem
}

// NewCatalogue returns a catalogue of the named executors, in that order.
func NewCatalogue(names []string, executors map[string]plugin.Executor) (*Catalogue, error) {
	c := new(Catalogue)
	var entries []Entry
	for _, name := range names {
		var schema json.RawMessage
		var check func(map[string]string) []plugin.Problem
		executor := executors[name]
		if d, ok := executor.(plugin.Describer); ok {
			schema = d.Describe()
		}
		if k, ok := executor.(plugin.Checker); ok {
			check = k.Check
		}
		e, err := newEntry(name, schema, check)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	c.entries.Store(&entries)
	return c, nil
}

// newEntry returns an executor. schema and check may be nil.
func newEntry(name string, schema json.RawMessage, check func(map[string]string) []plugin.Problem) (Entry, error) {
	e := Entry{Name: name, Schema: schema, check: check}
	if check == nil {
		e.check = func(map[string]string) []plugin.Problem { return nil }
	}
	if schema == nil {
		return e, nil
	}
	var about struct {
		Schema     string              `json:"$schema"`
		Type       string              `json:"type"`
		Properties map[string]property `json:"properties"`
	}
	if err := json.Unmarshal(schema, &about); err != nil {
		return e, fmt.Errorf("executor %s: its description is no JSON Schema: %w", name, err)
	}
	if about.Schema == "" || about.Type != "object" || about.Properties == nil {
		return e, fmt.Errorf("executor %s: its description lacks $schema, properties or the type object", name)
	}
	for key, p := range about.Properties {
		if p.Type != "string" || p.Title == "" || p.Description == "" {
			return e, fmt.Errorf("executor %s: its description of %.64q lacks a title, a description or the type string", name, key)
		}
	}
	e.keys = slices.Sorted(maps.Keys(about.Properties))
	e.roles = rolesOf(about.Properties)
	return e, nil
}

// Learn replaces what is known of an executor that the catalogue has. schema and check may be nil. Of a description that
// can't be used, the error says why, and only check is learned.
func (c *Catalogue) Learn(name string, schema json.RawMessage, check func(map[string]string) []plugin.Problem) error {
	fresh, err := newEntry(name, schema, check)
	if err != nil {
		fresh, _ = newEntry(name, nil, check)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	entries := slices.Clone(*c.entries.Load())
	for i := range entries {
		if entries[i].Name == name {
			entries[i] = fresh
		}
	}
	c.entries.Store(&entries)
	return err
}

// Elsewhere makes executors known that only other nodes have. names returns them, soon. It is called before the catalogue
// is used.
func (c *Catalogue) Elsewhere(names func() []string) { c.elsewhere = names }

// Entries returns the executors in their order, then those that only other nodes have.
func (c *Catalogue) Entries() []Entry {
	entries := *c.entries.Load()
	if c.elsewhere == nil {
		return entries
	}
	for _, name := range c.elsewhere() {
		if c.find(name) == nil {
			entries = append(slices.Clip(entries), Entry{Name: name})
		}
	}
	return entries
}

// find returns the executor of that name, nil if there is none.
func (c *Catalogue) find(name string) *Entry {
	entries := *c.entries.Load()
	for i := range entries {
		if entries[i].Name == name {
			return &entries[i]
		}
	}
	return nil
}

// known reports whether a node has an executor of that name.
func (c *Catalogue) known(name string) bool {
	return c.find(name) != nil || name != "" && c.elsewhere != nil && slices.Contains(c.elsewhere(), name)
}

// names returns the names as a list for people: shell, http or kafka.
func (c *Catalogue) names() string {
	var names []string
	for _, e := range *c.entries.Load() {
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
