package index

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
)

// shuffled is an index of n jobs whose definitions and entries are scattered in memory as on a server.
func shuffled(n int) *Index {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	x := New()
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		x.Add(NewEntry(&dkron.Job{
			Name: fmt.Sprintf("job-%06d", i), Number: uint64(i + 1), DisplayName: fmt.Sprintf("Job Number %d", i*7919%n),
			Owner: fmt.Sprintf("Team of the Platform %02d", i%50), Executor: "shell",
		}, &dkron.Progress{SuccessCount: uint64(i * 31 % 1000), Next: noon.Add(time.Duration(i%60) * time.Minute)}))
	}
	return x
}

// plainly has each order written in the obvious way, with package slices.
var plainly = map[string]func(a, b Found) int{
	"displayname":   func(a, b Found) int { return strings.Compare(a.Definition.Folded(), b.Definition.Folded()) },
	"owner":         func(a, b Found) int { return strings.Compare(a.Definition.Owner, b.Definition.Owner) },
	"executor":      func(a, b Found) int { return strings.Compare(a.Definition.Executor, b.Definition.Executor) },
	"success_count": func(a, b Found) int { return cmp.Compare(a.Entry.SuccessCount, b.Entry.SuccessCount) },
	"next":          func(a, b Found) int { return a.Entry.Next.Compare(b.Entry.Next) },
}

func sorted(x *Index, field string, from, to int) (part []*Entry) {
	var all []Found
	x.Find(new(Filter), func(found []Found) { all = append(all, found...) })
	slices.SortFunc(all, func(a, b Found) int {
		return cmp.Or(plainly[field](a, b), strings.Compare(a.Definition.Name, b.Definition.Name))
	})
	for _, job := range all[from:to] {
		part = append(part, job.Entry)
	}
	return part
}

func listed(x *Index, field string, from, to int) []*Entry {
	o, _ := OrderBy(field, time.Time{})
	part, _ := x.List(&Query{Order: o, Start: from, End: to})
	return part
}

func TestAPartOfAListIsThatOfTheSortedList(t *testing.T) {
	x := shuffled(3000)
	for field := range plainly {
		for _, part := range [][2]int{{0, 25}, {1500, 1525}, {2990, 3000}, {0, 3000}} {
			if got, want := listed(x, field, part[0], part[1]), sorted(x, field, part[0], part[1]); !slices.Equal(got, want) {
				t.Errorf("%s %v: other jobs", field, part)
			}
		}
	}
}

// BenchmarkSelect compares the selection with a sort of all jobs by package slices.
func BenchmarkSelect(b *testing.B) {
	x := shuffled(100_000)
	for _, way := range []struct {
		name string
		list func(x *Index, field string, from, to int) []*Entry
	}{{"selection", listed}, {"slices", sorted}} {
		for _, field := range []string{"displayname", "owner", "executor", "success_count", "next"} {
			b.Run("way="+way.name+"/"+field, func(b *testing.B) {
				for b.Loop() {
					way.list(x, field, 50_000, 50_025)
				}
			})
		}
	}
}
