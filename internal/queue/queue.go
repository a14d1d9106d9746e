// Package queue orders keys by instant: a 4-ary heap of values with a table of positions, so that a key can be moved
// or removed in O(log n) and a million of them cost some 40 bytes each.
package queue

import "time"

// Queue is a set of keys, each with an instant. The zero value is ready. It is not safe for concurrent use.
type Queue[K comparable] struct {
	items []item[K]
	at    map[K]int // position in items
}

type item[K comparable] struct {
	when int64 // Unix nanoseconds
	key  K
}

// Len returns how many keys there are.
func (q *Queue[K]) Len() int { return len(q.items) }

// Set adds key, or moves it.
func (q *Queue[K]) Set(key K, when time.Time) {
	if q.at == nil {
		q.at = make(map[K]int)
	}
	i, ok := q.at[key]
	if !ok {
		i = len(q.items)
		q.items = append(q.items, item[K]{})
		q.at[key] = i
	}
	q.items[i] = item[K]{when.UnixNano(), key}
	q.up(q.down(i))
}

// Remove removes key if it is there.
func (q *Queue[K]) Remove(key K) {
	i, ok := q.at[key]
	if !ok {
		return
	}
	delete(q.at, key)
	last := len(q.items) - 1
	moved := q.items[last]
	q.items = q.items[:last]
	if i < last {
		q.place(i, moved)
		q.up(q.down(i))
	}
}

// First returns the earliest instant; ok is false if the queue is empty.
func (q *Queue[K]) First() (when time.Time, ok bool) {
	if len(q.items) == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, q.items[0].when).UTC(), true
}

// Pop removes and returns the key with the earliest instant if that instant is not after now.
func (q *Queue[K]) Pop(now time.Time) (key K, ok bool) {
	if len(q.items) == 0 || q.items[0].when > now.UnixNano() {
		return key, false
	}
	key = q.items[0].key
	q.Remove(key)
	return key, true
}

// Fill replaces the content in O(n). add calls its argument for each key; no key may occur twice.
func (q *Queue[K]) Fill(size int, add func(func(key K, when time.Time))) {
	q.items = make([]item[K], 0, size)
	q.at = make(map[K]int, size)
	add(func(key K, when time.Time) {
		q.at[key] = len(q.items)
		q.items = append(q.items, item[K]{when.UnixNano(), key})
	})
	for i := min(len(q.items)/4, len(q.items)-1); i >= 0; i-- {
		q.down(i)
	}
}

func (q *Queue[K]) place(i int, it item[K]) {
	q.items[i] = it
	q.at[it.key] = i
}

func (q *Queue[K]) up(i int) {
	it := q.items[i]
	start := i
	for i > 0 {
		parent := (i - 1) / 4
		if q.items[parent].when <= it.when {
			break
		}
		q.place(i, q.items[parent])
		i = parent
	}
	if i != start {
		q.place(i, it)
	}
}

// down moves the item at i down until no child is earlier, and returns its new position.
func (q *Queue[K]) down(i int) int {
	it := q.items[i]
	start := i
	for {
		least := 4*i + 1
		if least >= len(q.items) {
			break
		}
		for c := least + 1; c < min(4*i+5, len(q.items)); c++ {
			if q.items[c].when < q.items[least].when {
				least = c
			}
		}
		if q.items[least].when >= it.when {
			break
		}
		q.place(i, q.items[least])
		i = least
	}
	if i != start {
		q.place(i, it)
	}
	return i
}
