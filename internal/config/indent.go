package config

import (
	"fmt"
	"regexp"
	"strings"
)

// blockText matches the end of a YAML line that starts a block of literal text.
var blockText = regexp.MustCompile(`(^|[\s:-])[|>][-+0-9]*\s*(#.*)?$`)

// keyWithValue matches a YAML line whose key has its value on the same line; nothing can be below such a key.
var keyWithValue = regexp.MustCompile(`^[^#\s][^:]*:\s+[^#\s&!|>]`)

// misindented finds the first line of a YAML text whose indentation fits no line above it; nil if there is none. It is
// meant for a text that can't be parsed: the parser's message says what it expected, but not which indentation is
// wrong, as happens when a line is uncommented by deleting only the #.
func misindented(data []byte) *lineError {
	var open []indent // the columns in which lines may start, ascending
	above, skip := "", -1
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, " \t\r\n")
		text := strings.TrimLeft(line, " \t")
		if text == "" || text[0] == '#' {
			continue
		}
		at := indent{n, len(line) - len(text)}
		if skip >= 0 && at.width > skip {
			continue
		}
		skip = -1
		if strings.Contains(line[:at.width], "\t") {
			return &lineError{n, fmt.Errorf("line %d is indented with a tab; use spaces", n)}
		}
		if text == "---" {
			open, above = nil, ""
			continue
		}
		if err := at.fits(open, above); err != nil {
			return &lineError{n, err}
		}
		for len(open) > 0 && open[len(open)-1].width >= at.width {
			open = open[:len(open)-1]
		}
		open, above = append(open, at), text
		if blockText.MatchString(text) {
			skip = at.width
		}
	}
	return nil
}

// indent is how far a line is indented.
type indent struct{ line, width int }

func (i indent) String() string {
	switch i.width {
	case 0:
		return fmt.Sprintf("line %d is not indented", i.line)
	case 1:
		return fmt.Sprintf("line %d is indented by 1 space", i.line)
	}
	return fmt.Sprintf("line %d is indented by %d spaces", i.line, i.width)
}

// fits returns what is wrong with a line, given the open columns and the text of the line above it.
func (i indent) fits(open []indent, above string) error {
	if len(open) == 0 {
		return nil
	}
	last := open[len(open)-1]
	if i.width > last.width {
		if keyWithValue.MatchString(above) {
			return fmt.Errorf("wrong indentation: %s, but the key above it already has a value; "+
				"start keys of one level in the same column", i)
		}
		return nil
	}
	for _, o := range open {
		if o.width == i.width {
			return nil
		}
	}
	near := open[0]
	for _, o := range open {
		if o.width < i.width {
			near = o
		}
	}
	return fmt.Errorf("wrong indentation: %s, %s; start keys of one level in the same column", near, i)
}
