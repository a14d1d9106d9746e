package executor

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"dkron/plugin"
)

// Entry is an executor or a processor, as the API lists it.
type Entry struct {
	Name string `json:"name"`
	// Schema is the JSON Schema of its configuration; nil: it does not describe itself.
	Schema json.RawMessage `json:"schema,omitempty"`

	keys  []string // that Schema names, sorted
	roles map[plugin.Role]role
	check func(config map[string]string) []plugin.Problem
}

// newEntry returns an entry. kind is what the name names, for errors. schema and check may be nil.
func newEntry(kind, name string, schema json.RawMessage, check func(map[string]string) []plugin.Problem) (Entry, error) {
	e := Entry{Name: name, Schema: schema, check: check}
	if check == nil {
		e.check = func(map[string]string) []plugin.Problem { return nil }
	}
	if len(schema) == 0 {
		e.Schema = nil
		return e, nil
	}
	var about struct {
		Schema     string              `json:"$schema"`
		Type       string              `json:"type"`
		Properties map[string]property `json:"properties"`
	}
	if err := json.Unmarshal(schema, &about); err != nil {
		return e, fmt.Errorf("%s %s: its description is not a JSON Schema: %w", kind, name, err)
	}
	if about.Schema == "" || about.Type != "object" || about.Properties == nil {
		return e, fmt.Errorf("%s %s: its description lacks $schema, properties or the type object", kind, name)
	}
	for key, p := range about.Properties {
		if p.Type != "string" || p.Title == "" || p.Description == "" {
			return e, fmt.Errorf("%s %s: its description of %.64q lacks a title, a description or the type string", kind, name, key)
		}
	}
	e.keys = slices.Sorted(maps.Keys(about.Properties))
	e.roles = rolesOf(about.Properties)
	return e, nil
}

// Known is what is known of this node's executors, or of its processors: of built-in ones all, of plugins what they say of
// themselves later, or never. Who finds plugins adds them. It is safe for concurrent use.
type Known struct {
	kind string // executor or processor

	mu      sync.Mutex // guards the replacement of entries
	entries atomic.Pointer[[]Entry]
}

// newKnown returns what is known of the names, in their order. about returns what has a name here.
func newKnown(kind string, names []string, about func(name string) any) (*Known, error) {
	k := &Known{kind: kind}
	var entries []Entry
	for _, name := range names {
		var schema json.RawMessage
		var check func(map[string]string) []plugin.Problem
		thing := about(name)
		if d, ok := thing.(plugin.Describer); ok {
			schema = d.Describe()
		}
		if c, ok := thing.(plugin.Checker); ok {
			check = c.Check
		}
		e, err := newEntry(kind, name, schema, check)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	k.entries.Store(&entries)
	return k, nil
}

// Add adds a name about which nothing else is known yet, unless it is known.
func (k *Known) Add(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.find(name) == nil {
		e, _ := newEntry(k.kind, name, nil, nil)
		entries := append(slices.Clone(*k.entries.Load()), e)
		k.entries.Store(&entries)
	}
}

// Learn replaces what is known of a name that was added. schema and check may be nil. If the description can't be
// used, the error says why, and only check is learned.
func (k *Known) Learn(name string, schema json.RawMessage, check func(map[string]string) []plugin.Problem) error {
	fresh, err := newEntry(k.kind, name, schema, check)
	if err != nil {
		fresh, _ = newEntry(k.kind, name, nil, check)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	entries := slices.Clone(*k.entries.Load())
	for i := range entries {
		if entries[i].Name == name {
			entries[i] = fresh
		}
	}
	k.entries.Store(&entries)
	return err
}

// find returns the entry of that name, nil if there is none.
func (k *Known) find(name string) *Entry {
	entries := *k.entries.Load()
	for i := range entries {
		if entries[i].Name == name {
			return &entries[i]
		}
	}
	return nil
}
