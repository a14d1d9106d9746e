package limit

import "container/list"

// Recent has a value for each of the keys that were used last: with one key more than it keeps, it forgets the one that was used
// longest ago. It is not safe for concurrent use.
type Recent[V any] struct {
	max   int
	order *list.List // of *kept[V], the one used last in front
	of    map[string]*list.Element
}

type kept[V any] struct {
	key   string
	value V
}

// NewRecent returns an empty one that keeps n keys.
func NewRecent[V any](n int) *Recent[V] {
	return &Recent[V]{max: max(n, 1), order: list.New(), of: make(map[string]*list.Element)}
}

// Get returns the value of a key, nil if there is none. That is no use of the key.
func (r *Recent[V]) Get(key string) *V {
	if e := r.of[key]; e != nil {
		return &e.Value.(*kept[V]).value
	}
	return nil
}

// Use returns the value of a key, a zero one if there was none, and whether there was none.
func (r *Recent[V]) Use(key string) (value *V, fresh bool) {
	if e := r.of[key]; e != nil {
		r.order.MoveToFront(e)
		return &e.Value.(*kept[V]).value, false
	}
	if r.order.Len() >= r.max {
		last := r.order.Back()
		r.order.Remove(last)
		delete(r.of, last.Value.(*kept[V]).key)
	}
	k := &kept[V]{key: key}
	r.of[key] = r.order.PushFront(k)
	return &k.value, true
}

// Forget removes a key.
func (r *Recent[V]) Forget(key string) {
	if e := r.of[key]; e != nil {
		r.order.Remove(e)
		delete(r.of, key)
	}
}

// Len returns how many keys there are.
func (r *Recent[V]) Len() int { return r.order.Len() }
