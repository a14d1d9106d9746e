package index

import "slices"

// Query selects a part of a list of jobs: the filter, the order, and which jobs of the list are returned.
type Query struct {
	Filter     Filter
	Order      Order
	Desc       bool
	Start, End int // [Start, End) of the list
}

// List returns the selected jobs, and the length of the whole list. Without filters, in order of name, it reads only
// that part.
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

// window returns the position of the part in an ascending list: a descending list is read from its end.
func (q *Query) window(total int) (from, to int) {
	to = min(q.End, total)
	from = min(q.Start, to)
	if q.Desc {
		from, to = total-to, total-from
	}
	return from, to
}
