package jobfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Place is a place in a text. Both are counted from 1, columns in characters.
type Place struct{ Line, Column int }

// Fault is what is wrong with the text of a job, which a reader of the file refuses or, if it is Doubtful, reads in one of
// two ways.
type Fault struct {
	Place
	Field    string // "" if it is not about one
	Text     string
	Doubtful bool
}

// Item is an entry of a file: a job, as far as its text can be read.
type Item struct {
	Raw json.RawMessage // nil if its text can't be read
	// Name is the job's name as its text seems to have it, of an entry that can't be read; "" if it has none.
	Name string
	// Faults is what is wrong with its text, in order of place.
	Faults []Fault

	begins Place
	walk   func(visit) // nil without Raw
}

// visit is called for each part of a value, parents first, with its path, such as parents[0].on, and a function that returns
// its place.
type visit func(path string, place func() Place)

// Find returns the place of a field, such as parents[0].on, or of the part that would have it. An unknown field or an
// empty one is where the entry begins.
func (i *Item) Find(field string) Place {
	found, best := i.begins, 0
	if i.walk == nil || field == "" {
		return found
	}
	at := func() Place { return i.begins }
	i.walk(func(path string, place func() Place) {
		if len(path) > best && leads(path, field) {
			at, best = place, len(path)
		}
	})
	return at()
}

// leads reports whether a path is a field or has it inside. Fields are in lower case; the file's may be written otherwise.
func leads(path, field string) bool {
	return len(path) <= len(field) && strings.EqualFold(path, field[:len(path)]) &&
		(len(path) == len(field) || field[len(path)] == '.' || field[len(path)] == '[')
}

// addTwice adds a fault for each key that an object of the entry has twice.
func (i *Item) addTwice(doubtful bool) {
	first := make(map[string]func() Place)
	i.walk(func(path string, place func() Place) {
		before, twice := first[path]
		if !twice {
			first[path] = place
			return
		}
		now := place()
		text := fmt.Sprintf("%s appears twice, on lines %d and %d", path, before().Line, now.Line)
		if doubtful {
			text += "; the last one counts"
		}
		i.Faults = append(i.Faults, Fault{now, path, text, doubtful})
	})
}

// Array returns the entries as a JSON array. Its error is the first fault, with its place.
func Array(items []Item) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('[')
	for n := range items {
		for _, f := range items[n].Faults {
			if !f.Doubtful {
				return nil, fmt.Errorf("line %d, column %d: %s", f.Line, f.Column, f.Text)
			}
		}
		if n > 0 {
			out.WriteByte(',')
		}
		out.Write(items[n].Raw)
	}
	out.WriteByte(']')
	return out.Bytes(), nil
}

// ErrNoList is the error of a text that is not a list of jobs.
var ErrNoList = errors.New("the jobs must be an array of objects")

// lines knows where the lines of a text begin.
type lines struct {
	text   []byte
	starts []int // offsets

	// The last place that was asked for: lines may be very long, and most places are asked for in order.
	offset int
	last   Place
}

func newLines(text []byte) *lines {
	l := &lines{text: text, starts: []int{0}, last: Place{1, 1}}
	for i, c := range text {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// at returns the place of an offset.
func (l *lines) at(offset int) Place {
	offset = min(max(offset, 0), len(l.text))
	low, high := 0, len(l.starts)
	for high-low > 1 {
		if middle := (low + high) / 2; l.starts[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	begin, column := l.starts[low], 1
	if l.last.Line == low+1 && l.offset <= offset {
		begin, column = l.offset, l.last.Column
	}
	l.offset, l.last = offset, Place{low + 1, column + utf8.RuneCount(l.text[begin:offset])}
	return l.last
}
