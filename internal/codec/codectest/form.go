package codectest

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dkron/internal/codec"
)

// form is how a type is written.
type form struct {
	name   string
	fields []fieldForm
}

type fieldForm struct {
	number codec.Number
	typ    string
	since  string // the release that had it first
	name   string // of the field in Go; it is not on the wire
	data   []byte // of the example, with its tag
}

func (f form) byNumber(n codec.Number) (fieldForm, bool) {
	i := slices.IndexFunc(f.fields, func(x fieldForm) bool { return x.number == n })
	if i < 0 {
		return fieldForm{}, false
	}
	return f.fields[i], true
}

// numbers returns the numbers of a field.
func (f form) numbers(name string) (list []codec.Number) {
	for _, x := range f.fields {
		if x.name == name {
			list = append(list, x.number)
		}
	}
	return list
}

// compare returns the forms to keep, what is wrong with the present ones, and what is new in them.
func (s Suite) compare(old, now []form) (merged []form, problems, fresh []string) {
	for _, was := range old {
		if !slices.ContainsFunc(now, func(f form) bool { return f.name == was.name }) {
			problems = append(problems, fmt.Sprintf("the type %s is gone, and with it the way to read %s written by %s and later. Bring it back; "+
				"if it was renamed or moved to another package, rename or move its lines in %s by hand", was.name, s.Holds, s.Release, golden))
		}
	}
	for _, is := range now {
		i := slices.IndexFunc(old, func(f form) bool { return f.name == is.name })
		if i < 0 {
			merged, fresh = append(merged, is), append(fresh, "type "+is.name)
			continue
		}
		both, wrong, added := s.compareForm(old[i], is)
		merged, problems, fresh = append(merged, both), append(problems, wrong...), append(fresh, added...)
	}
	return merged, problems, fresh
}

func (s Suite) compareForm(was, is form) (both form, problems, fresh []string) {
	both.name = is.name
	for _, old := range was.fields {
		x, ok := is.byNumber(old.number)
		change := difference(was, is, old, x, ok)
		if change != "" {
			problems = append(problems, fmt.Sprintf("field %d of %s was %s (%s) and %s: %s written by %s and later could no longer be read. "+
				"Leave the field as it was, and give what is new a new number at the end of Fields",
				old.number, is.name, old.name, old.typ, change, s.Holds, old.since))
		} else if x.name != old.name {
			fresh = append(fresh, fmt.Sprintf("%s.%s is now called %s", is.name, old.name, x.name))
		}
	}
	for _, x := range is.fields {
		old, ok := was.byNumber(x.number)
		if !ok {
			fresh = append(fresh, fmt.Sprintf("field %d of %s, %s (%s)", x.number, is.name, x.name, x.typ))
		} else {
			x.since = old.since
		}
		both.fields = append(both.fields, x)
	}
	return both, problems, fresh
}

// difference says how a field has changed; empty if it has not, or only its name in Go has.
func difference(was, is form, old, x fieldForm, present bool) string {
	var moved []codec.Number
	for _, n := range is.numbers(old.name) {
		if !slices.Contains(was.numbers(old.name), n) {
			moved = append(moved, n)
		}
	}
	switch {
	case len(moved) > 0:
		return fmt.Sprintf("now has number %d", moved[0])
	case !present:
		return "is no longer written"
	case x.name != old.name && len(is.numbers(old.name)) > 0:
		return fmt.Sprintf("is now %s (%s)", x.name, x.typ)
	case x.typ != old.typ:
		return fmt.Sprintf("is now of type %s", x.typ)
	case x.name == old.name && string(x.data) != string(old.data):
		return fmt.Sprintf("is now written as %x instead of %x", x.data, old.data)
	}
	return ""
}

const head = "# The wire form of this package's types: number, type, first release, name and an example's bytes of each field.\n" +
	"# See internal/codec/codectest. Lines are only ever added, by the test with -update.\n"

func text(forms []form) string {
	var b strings.Builder
	b.WriteString(head)
	for _, f := range forms {
		fmt.Fprintf(&b, "\ntype %s\n", f.name)
		for _, x := range f.fields {
			fmt.Fprintf(&b, "%d %s %s %s %x\n", x.number, x.typ, x.since, x.name, x.data)
		}
	}
	return b.String()
}

func parse(text string) (forms []form, err error) {
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "type "); ok {
			forms = append(forms, form{name: name})
			continue
		}
		parts := strings.Fields(line)
		if len(parts) != 5 || len(forms) == 0 {
			return nil, fmt.Errorf("%s:%d: want number, type, release, name and bytes", golden, i+1)
		}
		number, err := strconv.ParseInt(parts[0], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", golden, i+1, err)
		}
		data, err := hex.DecodeString(parts[4])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", golden, i+1, err)
		}
		last := &forms[len(forms)-1]
		last.fields = append(last.fields, fieldForm{codec.Number(number), parts[1], parts[2], parts[3], data})
	}
	return forms, nil
}
