package executor

import (
	"encoding/json"
	"slices"
	"strings"
)

// set is the executors, or the processors, that jobs may name.
type set struct {
	*Known
	elsewhere func() []Other
}

// Other is one that some node has, perhaps this one.
type Other struct {
	Name   string
	Schema json.RawMessage // nil: not known
}

// Entries returns the set in its order, then those that only other nodes have.
func (s *set) Entries() []Entry {
	entries := *s.entries.Load()
	if s.elsewhere == nil {
		return entries
	}
	for _, o := range s.elsewhere() {
		if s.find(o.Name) == nil {
			entries = append(slices.Clip(entries), s.entryOf(o))
		}
	}
	return entries
}

// entryOf returns what is known of another node's. A description that can't be used is left out.
func (s *set) entryOf(o Other) Entry {
	e, err := newEntry(s.kind, o.Name, o.Schema, nil)
	if err != nil {
		e, _ = newEntry(s.kind, o.Name, nil, nil)
	}
	return e
}

// other returns what is known of one that only other nodes have, nil if none has it.
func (s *set) other(name string) *Entry {
	if name == "" || s.elsewhere == nil {
		return nil
	}
	for _, o := range s.elsewhere() {
		if o.Name == name {
			e := s.entryOf(o)
			return &e
		}
	}
	return nil
}

// names returns the names as a list for people: shell, http or kafka.
func (s *set) names() string {
	var names []string
	for _, e := range *s.entries.Load() {
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
