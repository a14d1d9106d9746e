package index

import (
	"slices"
	"strings"
)

// Related returns the job with the given name and all that hang together with it by parents, however far and in whichever
// direction: nearest first, those at the same distance by name. It stops at limit jobs, as a job's relations may be all
// jobs; nil if there is no such job. Jobs that change meanwhile are seen as they were before or after.
func (x *Index) Related(name string, limit int) []*Entry {
	first := x.Name(name)
	if first == nil {
		return nil
	}
	found, seen := []*Entry{first}, map[string]bool{name: true}
	for from := 0; from < len(found) && len(found) < limit; {
		level := found[from:]
		from = len(found)
		for _, e := range level {
			found = x.addUnseen(found, e.Parents, seen, limit)
			found = x.addUnseen(found, e.Children, seen, limit)
		}
		slices.SortFunc(found[from:], func(a, b *Entry) int { return strings.Compare(a.Name, b.Name) })
	}
	return found
}

// addUnseen adds the jobs with these names, as far as there are such jobs and they have not been seen.
func (x *Index) addUnseen(found []*Entry, names []string, seen map[string]bool, limit int) []*Entry {
	for _, name := range names {
		if len(found) == limit {
			break
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		if e := x.Name(name); e != nil {
			found = append(found, e)
		}
	}
	return found
}
