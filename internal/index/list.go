package index

import "slices"

// Query is a part of a list of jobs: which jobs are in the list, in which order, and which of them are returned.
type Query struct {
	Filter     Filter
	Order      Order
	Desc       bool
	Start, End int // [Start, End) of the list
}

// List returns the jobs that are asked for, and how many the whole list has. Without filters, in order of name, it looks
// at the part only.
func (x *Index) List(q *Query) (part []*Entry, total int) {
	if q.Order.by == nil && q.Filter.Empty() {
		total = x.Len()
		from, to := q.window(total)
		part = x.Slice(from, to)
	} else {
		s := newSelection(q.Order.by)
		defer s.free()
		x.Find(&q.Filter, s.add)
		total = len(s.jobs)
		part = s.page(q.window(total))
	}
	if q.Desc {
		slices.Reverse(part)
	}
	return part, total
}

// window returns where the part lies in a list that ascends: one that descends is the same list from its end.
func (q *Query) window(total int) (from, to int) {
	to = min(q.End, total)
	from = min(q.Start, to)
	if q.Desc {
		from, to = total-to, total-from
	}
	return from, to
}
