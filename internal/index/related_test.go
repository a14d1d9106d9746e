package index

import (
	"fmt"
	"strings"
	"testing"

	"dkron"
)

// graph is an index of jobs with their parents, written as "child<parent,parent".
func graph(jobs ...string) *Index {
	parents, children := make(map[string][]string), make(map[string][]string)
	for _, text := range jobs {
		name, list, _ := strings.Cut(text, "<")
		parents[name] = nil
		for p := range strings.SplitSeq(list, ",") {
			if p != "" {
				parents[name] = append(parents[name], p)
				children[p] = append(children[p], name)
			}
		}
	}
	changed := make(map[string]*Entry)
	for name, list := range parents {
		j := &dkron.Job{Name: name, Number: uint64(len(changed) + 1), DependentJobs: children[name]}
		for _, p := range list {
			j.Parents = append(j.Parents, dkron.Parent{Job: p})
		}
		changed[name] = NewEntry(j, &dkron.Progress{Name: name})
	}
	x := New()
	x.Update(changed, nil)
	return x
}

func names(list []*Entry) string {
	var out []string
	for _, e := range list {
		out = append(out, e.Name)
	}
	return strings.Join(out, " ")
}

func TestRelatedJobsAreThoseThatHangTogetherNearestFirst(t *testing.T) {
	x := graph("root", "b<root", "a<root", "join<a,b", "leaf<join", "aside<z", "z<root", "other", "more<other", "orphan<gone")
	for _, c := range []struct {
		job   string
		limit int
		want  string
	}{
		{"root", 100, "root a b z aside join leaf"},
		{"leaf", 100, "leaf join a b root z aside"}, // down again from an ancestor
		{"aside", 100, "aside z root a b join leaf"},
		{"more", 100, "more other"},
		{"orphan", 100, "orphan"}, // its parent does not exist
		{"none", 100, ""},
		{"gone", 100, ""},
		{"root", 4, "root a b z"},
		{"root", 1, "root"},
		{"join", 3, "join a b"},
	} {
		if got := names(x.Related(c.job, c.limit)); got != c.want {
			t.Errorf("%s, %d: %q, want %q", c.job, c.limit, got, c.want)
		}
	}
}

// BenchmarkRelated walks as far as the API does.
func BenchmarkRelated(b *testing.B) {
	var jobs []string
	for i := range 100_000 {
		jobs = append(jobs, fmt.Sprintf("job%06d<job%06d", i+1, i/3))
	}
	x := graph(append(jobs, "job000000")...)
	b.ResetTimer()
	for b.Loop() {
		if got := len(x.Related("job000500", 10_000)); got != 10_000 {
			b.Fatal(got)
		}
	}
}
