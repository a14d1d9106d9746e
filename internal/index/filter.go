package index

import (
	"slices"
	"strings"

	"dkron"
)

// Filter says which jobs are looked for: those that pass all that is set. The zero value lets every job pass.
type Filter struct {
	Part      string        // is in the name or the display name, letter by letter
	Words     []string      // in lower case, without blanks; each is in Definition.text
	Status    *dkron.Status // nil is any, here and below
	Disabled  *bool
	Ephemeral *bool
	Child     *bool  // whether it has parents
	Owner     string // "" is any
	Executor  string // "" is any
	Parent    string // one of the job's parents, "" is any
	Metadata  []Label
	Tags      []Label
}

// Found is a job that was looked for. Entry has its definition too, at the price of a second wait for memory.
type Found struct {
	Definition *Definition
	Entry      *Entry
}

// Label is a pair of metadata or tags.
type Label struct{ Key, Value string }

// Empty reports whether every job passes.
func (f *Filter) Empty() bool {
	return len(f.Words)+len(f.Metadata)+len(f.Tags) == 0 && !f.ofProgress() && !f.ofDefinition()
}

func (f *Filter) ofProgress() bool { return f.Status != nil || f.Disabled != nil }

func (f *Filter) ofDefinition() bool {
	return f.Part != "" || f.Ephemeral != nil || f.Child != nil || f.Owner != "" || f.Executor != "" || f.Parent != ""
}

// sieve is a filter at work. It narrows down the jobs of a shelf in stages, the one that costs least first.
//
// What the index holds lies about in memory, and to wait for it is what a search does most of the time. A stage
// therefore begins with a loop that does nothing but read a byte of all that the stage is going to need: in loops as
// short as that a processor waits for many places at once.
type sieve struct {
	*Filter
	left    []int32 // positions of the jobs that have passed so far
	fetched int     // a sum of what was read ahead, so that it is read
}

// match adds to found what passes.
func (s *sieve) match(on shelf, found []Found) []Found {
	s.left = s.left[:0]
	for i := range on.jobs {
		s.left = append(s.left, int32(i))
	}
	if s.ofProgress() {
		s.fetch(func(i int32) int { return len(on.newest[i].Status) })
		s.keep(func(i int32) bool { return s.passProgress(on.newest[i]) })
	}
	if len(s.Metadata) > 0 {
		s.fetch(func(i int32) int { return touch(string(on.jobs[i].Metadata)) })
		s.keep(func(i int32) bool { return hasLabels(on.jobs[i].Metadata, s.Metadata) })
	}
	if len(s.Tags) > 0 {
		s.fetch(func(i int32) int { return touch(string(on.jobs[i].Tags)) })
		s.keep(func(i int32) bool { return hasLabels(on.jobs[i].Tags, s.Tags) })
	}
	if len(s.Words) > 0 {
		s.fetch(func(i int32) int { return touch(on.jobs[i].text) })
		s.keep(func(i int32) bool { return hasWords(on.jobs[i].text, s.Words) })
	}
	if s.ofDefinition() {
		s.fetch(func(i int32) int { return touch(on.jobs[i].Name) + touch(on.jobs[i].Executor) })
		s.keep(func(i int32) bool { return s.passDefinition(on.jobs[i]) })
	}
	for _, i := range s.left {
		found = append(found, Found{on.jobs[i], on.newest[i]})
	}
	return found
}

func (s *sieve) fetch(read func(i int32) int) {
	for _, i := range s.left {
		s.fetched += read(i)
	}
}

func (s *sieve) keep(passes func(i int32) bool) {
	kept := s.left[:0]
	for _, i := range s.left {
		if passes(i) {
			kept = append(kept, i)
		}
	}
	s.left = kept
}

func (f *Filter) passProgress(e *Entry) bool {
	return (f.Status == nil || e.Status == *f.Status) && (f.Disabled == nil || e.Disabled == *f.Disabled)
}

func (f *Filter) passDefinition(d *Definition) bool {
	return (f.Ephemeral == nil || d.Ephemeral == *f.Ephemeral) &&
		(f.Child == nil || len(d.Parents) > 0 == *f.Child) &&
		(f.Owner == "" || d.Owner == f.Owner) &&
		(f.Executor == "" || d.Executor == f.Executor) &&
		(f.Parent == "" || slices.Contains(d.Parents, f.Parent)) &&
		(f.Part == "" || strings.Contains(d.Name, f.Part) || strings.Contains(d.DisplayName, f.Part))
}

func hasWords(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func hasLabels(l Labels, wanted []Label) bool {
	for _, w := range wanted {
		if !l.Has(w.Key, w.Value) {
			return false
		}
	}
	return true
}

// touch reads both ends of a text.
func touch(s string) int {
	if s == "" {
		return 0
	}
	return int(s[0]) + int(s[len(s)-1])
}
