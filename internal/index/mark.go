package index

import (
	"slices"

	"dkron"
)

// mark is what filters ask of a job's progress, in a byte.
type mark uint8

const (
	markStatus   mark = 1<<3 - 1 // place in statuses, their number for any other
	markDisabled mark = 1 << 3
	markOpen     mark = 1 << 4
)

// statuses are all that jobs can have.
var statuses = [...]dkron.Status{"", dkron.StatusSuccess, dkron.StatusFailed, dkron.StatusPartiallyFailed}

func markOf(e *Entry) mark {
	m := markOfStatus(e.Status)
	if e.off {
		m |= markDisabled
	}
	if e.open.any() {
		m |= markOpen
	}
	return m
}

func markOfStatus(s dkron.Status) mark {
	if i := slices.Index(statuses[:], s); i >= 0 {
		return mark(i)
	}
	return mark(len(statuses))
}

// marks returns which bits of a mark the filter asks for, and how they must be.
func (f *Filter) marks() (mask, wanted mark) {
	if f.Status != nil {
		mask, wanted = markStatus, markStatus // no job has that
		if i := slices.Index(statuses[:], *f.Status); i >= 0 {
			wanted = mark(i)
		}
	}
	for _, flag := range [...]struct {
		bit mark
		is  *bool
	}{{markDisabled, f.Disabled}, {markOpen, f.Open}} {
		if flag.is == nil {
			continue
		}
		mask |= flag.bit
		if *flag.is {
			wanted |= flag.bit
		}
	}
	return mask, wanted
}

func (f *Filter) passProgress(e *Entry) bool {
	mask, wanted := f.marks()
	return markOf(e)&mask == wanted
}
