package httpapi

import (
	"math"
	"math/rand/v2"
	"slices"

	"dkron/internal/state"
)

// selection finds a page of a sorted list without sorting the list. Of what is added it keeps the first limit: when
// twice as many have come together it drops the rest, and from then on lets in only what would not be dropped.
type selection struct {
	compare order // a total order; nil keeps the order of arrival
	limit   int
	total   int // how many were added
	kept    []*state.Entry
	bound   *state.Entry // the last that is kept as far as is known; nil if there is room
}

func newSelection(compare order, limit int) *selection {
	return &selection{compare: compare, limit: min(limit, math.MaxInt/4)}
}

func (s *selection) add(e *state.Entry) {
	s.total++
	switch {
	case s.compare == nil:
		if len(s.kept) < s.limit {
			s.kept = append(s.kept, e)
		}
	case s.limit == 0 || s.bound != nil && s.compare(e, s.bound) >= 0:
	default:
		s.kept = append(s.kept, e)
		if len(s.kept) >= 2*s.limit+64 {
			firstN(s.kept, s.limit, s.compare)
			s.kept = s.kept[:s.limit]
			s.bound = slices.MaxFunc(s.kept, s.compare)
		}
	}
}

// page returns the part of the sorted list that p covers; p must not end behind the limit.
func (s *selection) page(p page) []*state.Entry {
	from, to := p.clip(len(s.kept))
	if s.compare != nil {
		firstN(s.kept, to, s.compare)
		firstN(s.kept[:to], from, s.compare)
		slices.SortFunc(s.kept[from:to], s.compare)
	}
	return s.kept[from:to]
}

// firstN moves the n first of the list to its front, in any order, in time proportional to its length.
func firstN(list []*state.Entry, n int, compare order) {
	for n > 0 && n < len(list) {
		pivot := list[rand.IntN(len(list))]
		i, j := 0, len(list)-1
		for i <= j {
			for compare(list[i], pivot) < 0 {
				i++
			}
			for compare(list[j], pivot) > 0 {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			list = list[:j+1]
		case n > i:
			list, n = list[i:], n-i
		default:
			return
		}
	}
}
