package jobfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// reader reads the entries of a JSON text.
type reader struct {
	text  []byte
	lines *lines
	at    int
	items []Item
}

// JSON reads an array of jobs. Its error is ErrNoList if the text is something else; a broken array is not an error.
func JSON(text []byte) ([]Item, error) {
	r := &reader{text: text, lines: newLines(text)}
	r.space()
	if r.next() != '[' {
		return nil, ErrNoList
	}
	r.list()
	if r.space(); r.at < len(text) {
		return nil, errors.New("the jobs must be one array, and more follows it; send each in a request of its own")
	}
	return r.items, nil
}

// jsonText reads a job, or an array of them.
func jsonText(text []byte) []Item {
	r := &reader{text: text, lines: newLines(text)}
	if r.space(); r.next() == '[' {
		r.list()
	} else {
		r.item()
	}
	if r.space(); r.at < len(text) {
		r.fault("the list of jobs or the job ends before this; remove one of the brackets, or join both to one list")
	}
	return r.items
}

func (r *reader) next() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *reader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// fault adds what is wrong here, outside of the entries, to the entry before.
func (r *reader) fault(text string) {
	place := r.lines.at(r.at)
	if len(r.items) == 0 {
		r.items = append(r.items, Item{begins: place})
	}
	last := &r.items[len(r.items)-1]
	last.Faults = append(last.Faults, Fault{Place: place, Text: text})
}

// list reads an array from its bracket to the one that ends it, or to the end of the text.
func (r *reader) list() {
	r.at++
	for comma := true; ; {
		r.space()
		switch c := r.next(); {
		case r.at >= len(r.text):
			r.fault("the list of jobs is not closed; a ] is missing")
			return
		case c == ']':
			if comma && len(r.items) > 0 {
				r.fault("a comma is before the ] that ends the list; remove it")
			}
			r.at++
			return
		case c == ',' && comma:
			r.fault("a job is missing before this comma")
			r.at++
		case c == ',':
			comma = true
			r.at++
		default:
			if !comma {
				r.fault("a comma is missing before this")
			}
			comma = false
			r.item()
		}
	}
}

// item reads an entry.
func (r *reader) item() {
	start, broken := r.at, false
	end := r.end(start, "")
	if !json.Valid(r.text[start:end]) { // brackets may be missing: the next entry begins where it looks like one
		broken = true
		end = r.end(start, r.indent(start))
	}
	raw := bytes.TrimRight(r.text[start:end], " \t\r\n,")
	r.at = start + max(len(raw), 1)
	one := Item{begins: r.lines.at(start)}
	if broken {
		one.Faults, one.Name = []Fault{r.broken(start, end)}, nameIn(raw)
	} else {
		one.Raw, one.walk = raw, func(v visit) { walkJSON(raw, func(at int) Place { return r.lines.at(start + at) }, v) }
		one.addTwice(true)
	}
	r.items = append(r.items, one)
}

// indent returns how the line of an entry begins, from its line feed on; "" if something is before the entry.
func (r *reader) indent(start int) string {
	at := bytes.LastIndexByte(r.text[:start], '\n')
	if at < 0 || len(bytes.TrimLeft(r.text[at:start], " \t\r\n")) > 0 {
		return ""
	}
	return string(r.text[at:start]) + "{"
}

// end returns where the value at start ends by its brackets, at the latest where another entry begins with this indent.
func (r *reader) end(start int, indent string) int {
	depth, quoted := 0, false
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '\n' && indent != "" && i > start && bytes.HasPrefix(r.text[i:], []byte(indent)):
			return i
		case c == '\n':
			quoted = false // no string goes over its line
		case quoted:
			if c == '\\' {
				i++
			}
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i
			}
		case depth == 0 && c == ',':
			return i
		}
	}
	return len(r.text)
}

// broken says what is wrong with an entry that is not JSON.
func (r *reader) broken(start, end int) Fault {
	err := json.Unmarshal(append(slices.Clone(r.text[start:end]), '\n'), new(json.RawMessage)) // a line feed ends its last string
	syntax := (*json.SyntaxError)(nil)
	if !errors.As(err, &syntax) {
		return Fault{Place: r.lines.at(start), Text: "this is not valid JSON"}
	}
	place := r.lines.at(start + int(syntax.Offset) - 1)
	text := syntax.Error()
	switch {
	case strings.Contains(text, "unexpected end"):
		return Fault{Place: r.lines.at(start), Text: "not valid JSON: a bracket or quote that begins here or later is not closed"}
	case strings.HasSuffix(text, "after object key:value pair"), strings.HasSuffix(text, "after array element"):
		text += "; a comma is missing before it"
	case strings.HasSuffix(text, "looking for beginning of object key string"):
		text += "; keys are in double quotes, and no comma is before a }"
	case strings.HasSuffix(text, "in string literal"):
		text = "the text in quotes does not end on its line; add the quote, or write \\n for a new line"
	}
	return Fault{Place: place, Text: "not valid JSON: " + text}
}

var named = regexp.MustCompile(`(?im)(?:^|[{,\s])["']?name["']?[ \t]*:[ \t]*["']?([\w-]+)`)

// nameIn returns the name of a job whose text can't be read.
func nameIn(text []byte) string {
	if m := named.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}

// walkJSON visits the parts of a valid value.
func walkJSON(raw []byte, at func(offset int) Place, v visit) {
	d := json.NewDecoder(bytes.NewReader(raw))
	begin := func() int {
		i := int(d.InputOffset())
		for i < len(raw) && strings.IndexByte(" \t\r\n,:", raw[i]) >= 0 {
			i++
		}
		return i
	}
	place := func() func() Place {
		offset := begin()
		return func() Place { return at(offset) }
	}
	var value func(path string)
	value = func(path string) {
		token, err := d.Token()
		if err != nil {
			return
		}
		for n := 0; token == json.Delim('{') && d.More(); n++ {
			where := place()
			key, err := d.Token()
			if err != nil {
				return
			}
			inner := join(path, fmt.Sprint(key))
			v(inner, where)
			value(inner)
		}
		for n := 0; token == json.Delim('[') && d.More(); n++ {
			inner := fmt.Sprintf("%s[%d]", path, n)
			v(inner, place())
			value(inner)
		}
		if token == json.Delim('{') || token == json.Delim('[') {
			_, _ = d.Token()
		}
	}
	value("")
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
