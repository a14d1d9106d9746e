package index

import (
	"slices"
	"strings"
	"time"

	"dkron"
)

// Filter says which jobs to find: those that match everything that is set. The zero value matches every job.
type Filter struct {
	Part      string        // in the name or the display name, case-sensitive
	Words     []string      // in lower case, without spaces; each must be in Definition.text
	Status    *dkron.Status // nil matches any, here and below
	Health    HealthSet     // empty matches any
	Now       time.Time     // at which Health is meant
	Disabled  *bool
	Open      *bool // whether it has launches that have not ended
	Ephemeral *bool
	Confirm   *bool
	Child     *bool  // whether it has parents
	Owner     string // "" matches any
	Executor  string // "" matches any
	Parent    string // one of the job's parents, "" matches any
	Metadata  []Label
	Tags      []Label
	May       func(*Definition) bool // hides jobs; nil hides none. It must not call the index
}

// Found is a job that matched. Its definition is reachable through Entry too, but at the cost of another cache miss.
type Found struct {
	Definition *Definition
	Entry      *Entry
}

// Label is a pair of metadata or tags.
type Label struct{ Key, Value string }

// Empty reports whether every job matches.
func (f *Filter) Empty() bool {
	return len(f.Words)+len(f.Metadata)+len(f.Tags) == 0 && f.Health == 0 && !f.ofProgress() && !f.ofDefinition()
}

func (f *Filter) ofProgress() bool { return f.Status != nil || f.Disabled != nil || f.Open != nil }

func (f *Filter) ofDefinition() bool {
	return f.Part != "" || f.Ephemeral != nil || f.Confirm != nil || f.Child != nil || f.Owner != "" || f.Executor != "" || f.Parent != "" || f.May != nil
}

// Match reports whether a job passes the filter.
func (f *Filter) Match(e *Entry) bool {
	return f.passProgress(e) && hasLabels(e.Metadata, f.Metadata) && hasLabels(e.Tags, f.Tags) &&
		hasWords(e.text, f.Words) && (!f.ofDefinition() || f.passDefinition(e.Definition)) && f.passHealth(e)
}

func (f *Filter) passHealth(e *Entry) bool {
	if f.Health == 0 {
		return true
	}
	h, _ := e.Health(f.Now)
	return f.Health.has(h)
}

// sieve applies a filter. It narrows down the jobs of a shelf in stages, the cheapest first.
//
// The index's data is scattered in memory, and a search spends most of its time waiting for it. So each stage starts
// with a loop that only reads a byte of everything that the stage needs: in such a short loop a processor waits for
// many cache lines at once.
type sieve struct {
	*Filter
	left    []int32 // positions of the jobs that have matched so far
	fetched int     // a sum of the bytes read ahead, so that the compiler keeps the reads
}

// match adds the matching jobs to found.
func (s *sieve) match(on shelf, found []Found) []Found {
	s.left = s.left[:0]
	for i := range on.jobs {
		s.left = append(s.left, int32(i))
	}
	if s.ofProgress() {
		mask, wanted := s.marks()
		s.keep(func(i int32) bool { return on.marks[i]&mask == wanted })
	}
	if s.Health != 0 {
		now := s.Now.UnixNano()
		s.fetch(func(i int32) int { return on.newest[i].touch() })
		s.keep(func(i int32) bool {
			h, _ := on.newest[i].health(now)
			return s.Health.has(h)
		})
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

func (f *Filter) passDefinition(d *Definition) bool {
	return (f.Ephemeral == nil || d.Ephemeral == *f.Ephemeral) &&
		(f.Confirm == nil || d.Confirm == *f.Confirm) &&
		(f.Child == nil || len(d.Parents) > 0 == *f.Child) &&
		(f.Owner == "" || d.Owner == f.Owner) &&
		(f.Executor == "" || d.Executor == f.Executor) &&
		(f.Parent == "" || slices.Contains(d.Parents, f.Parent)) &&
		(f.Part == "" || strings.Contains(d.Name, f.Part) || strings.Contains(d.DisplayName, f.Part)) &&
		(f.May == nil || f.May(d))
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
