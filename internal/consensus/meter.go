package consensus

import (
	"slices"
	"sync"
	"time"
)

// markEvery is the least number of bytes of log between two marks: the precision of the meter.
const markEvery = 256 << 10

// meter tracks how many bytes the log holds, and their positions in it. It is precise to markEvery and the size of one
// entry.
type meter struct {
	mu    sync.Mutex // guards what follows
	end   int64      // bytes ever appended
	last  uint64     // index of the newest entry; 0: the log is empty
	marks []mark     // ascending; the first is the log's beginning, none while the log is empty
}

// mark records how many bytes had been appended before an entry, and when the entry was.
type mark struct {
	index uint64
	at    int64
	when  time.Time
}

// add counts entries that have been stored, from an index on, by their sizes.
func (m *meter) add(now time.Time, index uint64, sizes ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, size := range sizes {
		m.last = index + uint64(i)
		if n := len(m.marks); n == 0 || m.end-m.marks[n-1].at >= markEvery {
			m.marks = append(m.marks, mark{m.last, m.end, now})
		}
		m.end += int64(size)
	}
}

// remove forgets the entries [first, last], which are at one end of the log or all of it.
func (m *meter) remove(first, last uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case len(m.marks) == 0 || last < m.marks[0].index || first > m.last:
	case first <= m.marks[0].index && last >= m.last:
		m.marks, m.last = nil, 0
	case first <= m.marks[0].index:
		at := m.find(last + 1)
		m.marks = slices.Delete(m.marks, 0, at)
		m.marks[0].index = last + 1
	default:
		at := m.find(first)
		if m.marks[at].index < first {
			at++
		}
		if at < len(m.marks) {
			m.end = m.marks[at].at
			m.marks = m.marks[:at]
		}
		m.last = first - 1
	}
}

// find returns the position of the last mark that is not beyond an entry. There is a mark.
func (m *meter) find(index uint64) int {
	at, found := slices.BinarySearchFunc(m.marks, index, func(k mark, index uint64) int {
		switch {
		case k.index < index:
			return -1
		case k.index > index:
			return 1
		}
		return 0
	})
	if !found && at > 0 {
		at--
	}
	return at
}

// total is how many bytes the log holds.
func (m *meter) total() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.marks) == 0 {
		return 0
	}
	return m.end - m.marks[0].at
}

// after is how many bytes and entries the log holds after an index.
func (m *meter) after(index uint64) (bytes int64, entries uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.marks) == 0 || index >= m.last {
		return 0, 0
	}
	return m.end - m.marks[m.find(index+1)].at, m.last - max(index, m.marks[0].index-1)
}

// keep returns the first entry to keep, and how many bytes are before it. Of the newest entries it keeps at least floor
// bytes, and up to ceiling bytes of what was appended since the given time, but no more than the given number of
// entries.
func (m *meter) keep(floor, ceiling int64, since time.Time, entries uint64) (first uint64, before int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.marks) == 0 {
		return 0, 0
	}
	at := len(m.marks) - 1
	for ; at > 0; at-- {
		k := m.marks[at-1]
		if held := m.end - k.at; held > ceiling || held > floor && k.when.Before(since) {
			break
		}
	}
	first = m.marks[at].index
	if m.last-first >= entries {
		first = m.last - entries + 1
		at = m.find(first)
	}
	return first, m.marks[at].at - m.marks[0].at
}
