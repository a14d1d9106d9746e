package index

import (
	"slices"
	"strings"
)

// Related returns the job with the given name and all jobs linked to it by parents, at any distance and in both
// directions: nearest first, those at the same distance by name. It stops at limit jobs, since all jobs may be linked;
// nil if there is no such job. Jobs that change in the meantime appear in their old or their new form.
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

// addUnseen adds the existing jobs with these names that have not been seen.
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
