package jobfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Text reads a file as people write them: YAML or JSON, one job, a list of them, or several YAML documents of those.
func Text(text []byte) []Item {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if jsonLike.Match(text) {
		return jsonText(text)
	}
	var items []Item
	for _, c := range documents(text) {
		items = append(items, c.items()...)
	}
	return items
}

// jsonLike is how a text of JSON begins. YAML between brackets has its keys without quotes.
var jsonLike = regexp.MustCompile(`^\s*(?:[\[{]\s*)+(?:"|[\]}]|[\[{]?\s*$)`)

// chunk is some lines of a text.
type chunk struct {
	before int // lines before these
	lines  []string
}

func (c chunk) text() string { return strings.Join(c.lines, "\n") }

// documents splits a text at the lines that separate YAML documents.
func documents(text []byte) (all []chunk) {
	c := chunk{}
	for n, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "---" || line == "..." || strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "---\r") || strings.HasPrefix(line, "...\r"):
			all = append(all, c)
			c = chunk{before: n, lines: []string{"   " + line[3:]}}
		default:
			c.lines = append(c.lines, line)
		}
	}
	return append(all, c)
}

// items returns the entries of a document. If it can't be read, those of its list are read one by one.
func (c chunk) items() []Item {
	items, err := c.read()
	if err == nil {
		return items
	}
	parts := c.split()
	if len(parts) < 2 {
		return []Item{c.broken(err)}
	}
	items = nil
	found := false
	for _, part := range parts {
		own, wrong := part.read()
		switch name, unknown := missing(wrong); {
		case wrong == nil:
			items = append(items, own...)
		case unknown && strings.Contains(c.text(), "&"+name): // of another entry
		default:
			items, found = append(items, part.broken(wrong)), true
		}
	}
	if !found {
		return []Item{c.broken(err)}
	}
	return items
}

// missing returns the anchor that an error says is unknown.
func missing(err error) (name string, ok bool) {
	if err == nil {
		return "", false
	}
	_, rest, ok := strings.Cut(err.Error(), "unknown anchor '")
	name, _, _ = strings.Cut(rest, "'")
	return name, ok
}

// split returns the entries of the list that the document is, none if it is not one.
func (c chunk) split() (parts []chunk) {
	indent := -1
	for n, line := range c.lines {
		own := strings.TrimLeft(line, " ")
		if own == "" || own[0] == '#' || own[0] == '\r' {
			if indent >= 0 {
				parts[len(parts)-1].lines = append(parts[len(parts)-1].lines, line)
			}
			continue
		}
		dash := own == "-" || strings.HasPrefix(own, "- ") || strings.HasPrefix(own, "-\r")
		if indent < 0 {
			if indent = len(line) - len(own); !dash {
				return nil
			}
		}
		if dash && len(line)-len(own) <= indent {
			parts = append(parts, chunk{before: c.before + n})
		}
		last := &parts[len(parts)-1]
		last.lines = append(last.lines, line)
	}
	return parts
}

// read returns the entries of a text that is valid YAML.
func (c chunk) read() (items []Item, err error) {
	var document yaml.Node
	if err := parse(c.text(), &document); err != nil || len(document.Content) == 0 {
		return nil, err
	}
	root := document.Content[0]
	switch {
	case root.Kind == yaml.SequenceNode:
		for _, n := range root.Content {
			items = append(items, c.item(n))
		}
	case root.Kind != yaml.ScalarNode || root.ShortTag() != "!!null":
		items = append(items, c.item(root))
	}
	return items, nil
}

// parse reads a text that is one document, into an empty node if it has none.
func parse(text string, into *yaml.Node) error {
	d := yaml.NewDecoder(strings.NewReader(text))
	if err := d.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	switch err := d.Decode(new(yaml.Node)); {
	case err == nil:
		return errors.New("a --- is missing between two documents")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

func (c chunk) at(n *yaml.Node) Place { return Place{c.before + n.Line, n.Column} }

// item returns the entry that a node is.
func (c chunk) item(n *yaml.Node) Item {
	one := Item{begins: c.at(n), walk: func(v visit) { c.walk(n, "", 0, v) }}
	var out bytes.Buffer
	w := writer{&out, 0, 0}
	if bad, err := w.write(n); err != nil {
		one.Faults = []Fault{{Place: c.at(bad), Text: err.Error()}}
		return one
	}
	one.Raw = out.Bytes()
	one.addTwice(false)
	return one
}

// walk visits the parts of a node. It does not follow aliases: what an alias refers to has the place of the alias.
func (c chunk) walk(n *yaml.Node, path string, depth int, v visit) {
	if depth > maxDepth {
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			inner := join(path, key.Value)
			v(inner, func() Place { return c.at(key) })
			c.walk(n.Content[i+1], inner, depth+1, v)
		}
	case yaml.SequenceNode:
		for i, one := range n.Content {
			inner := fmt.Sprintf("%s[%d]", path, i)
			v(inner, func() Place { return c.at(one) })
			c.walk(one, inner, depth+1, v)
		}
	}
}

// Limits of what is written for a node: aliases can make a short text enormous.
const (
	maxDepth = 50
	maxSize  = 4 << 20
)

// writer writes a node as JSON.
type writer struct {
	*bytes.Buffer
	depth   int
	aliases int
}

// write writes a node. With an error, it returns the node that can't be written.
func (w *writer) write(n *yaml.Node) (*yaml.Node, error) {
	if w.depth++; w.depth > maxDepth || w.aliases > 0 && w.Len() > maxSize {
		return n, errors.New("this is too large or too deep; write it with fewer aliases")
	}
	defer func() { w.depth-- }()
	switch n.Kind {
	case yaml.AliasNode:
		w.aliases++
		if bad, err := w.write(n.Alias); err != nil {
			return bad, err
		}
		w.aliases--
	case yaml.MappingNode:
		return w.object(n)
	case yaml.SequenceNode:
		w.WriteByte('[')
		for i, one := range n.Content {
			if i > 0 {
				w.WriteByte(',')
			}
			if bad, err := w.write(one); err != nil {
				return bad, err
			}
		}
		w.WriteByte(']')
	default:
		text, err := scalar(n)
		if err != nil {
			return n, err
		}
		w.Write(text)
	}
	return nil, nil
}

func (w *writer) object(n *yaml.Node) (*yaml.Node, error) {
	w.WriteByte('{')
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return key, errors.New("a key must be a word or text, not a list or an object")
		}
		if i > 0 {
			w.WriteByte(',')
		}
		name, err := json.Marshal(key.Value)
		if err != nil {
			return key, err
		}
		w.Write(name)
		w.WriteByte(':')
		if bad, err := w.write(n.Content[i+1]); err != nil {
			return bad, err
		}
	}
	w.WriteByte('}')
	return nil, nil
}

// scalar returns a value as JSON. What is neither a number, true, false nor null is text, times too.
func scalar(n *yaml.Node) ([]byte, error) {
	switch n.ShortTag() {
	case "!!null":
		return []byte("null"), nil
	case "!!bool":
		return []byte(strconv.FormatBool(strings.EqualFold(n.Value, "true"))), nil
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return []byte(n.Value), nil
		}
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, fmt.Errorf("%s can't be read as a number; put it in quotes if it is a text", n.Value)
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("%s is not a number here; put it in quotes if it is a text", n.Value)
		}
		return text, nil
	}
	return json.Marshal(n.Value)
}

// broken returns the entry of a text that is not YAML, with the place up to which it is.
func (c chunk) broken(err error) Item {
	at := c.longest()
	first := slices.IndexFunc(c.lines, func(l string) bool { return strings.TrimSpace(l) != "" })
	begins := c.place(max(first, 0), 0)
	f := Fault{Place: c.place(at, c.column(at)), Text: "not valid YAML: " + plain(err.Error())}
	return Item{begins: begins, Name: nameIn([]byte(c.text())), Faults: []Fault{f}}
}

// place returns the place of a character of a line, or of the first one after it that is not a space.
func (c chunk) place(line, column int) Place {
	text := []rune(strings.TrimRight(c.lines[min(line, len(c.lines)-1)], " \r"))
	for column < len(text)-1 && text[column] == ' ' {
		column++
	}
	return Place{c.before + line + 1, min(column, max(len(text)-1, 0)) + 1}
}

// tried is the largest number of lines or characters that are tried one by one.
const tried = 300

// longest returns how many lines of the chunk are valid without the others. Text that continues is not valid for a while: it
// is the last such number.
func (c chunk) longest() int {
	valid := func(n int) bool { return parse(strings.Join(c.lines[:n], "\n"), new(yaml.Node)) == nil }
	n := len(c.lines) - 1
	if n > tried {
		low, high := 0, n
		for high-low > 1 {
			if middle := (low + high) / 2; valid(middle) {
				low = middle
			} else {
				high = middle
			}
		}
		return low
	}
	for n > 0 && !valid(n) {
		n--
	}
	return n
}

// column returns how many characters of a line are valid after those before it.
func (c chunk) column(line int) int {
	before := strings.Join(c.lines[:line], "\n") + "\n"
	text := []rune(c.lines[line])
	if len(text) > tried {
		return 0
	}
	n := len(text)
	for n > 0 && parse(before+string(text[:n]), new(yaml.Node)) != nil {
		n--
	}
	return n
}

// hints says what probably is wrong, by a part of the parser's message.
var hints = []struct{ part, text string }{
	{"character that cannot start any token", "no value can begin with this character; put the value in quotes, or use spaces instead of tabs"},
	{"found a tab character", "the indentation must not have tabs; use spaces"},
	{"mapping values are not allowed", "a key can't be here; check the indentation, or put a value that has a colon in quotes"},
	{"did not find expected key", "the indentation differs from the lines before, or a value in quotes continues after them"},
	{"did not find expected '-' indicator", "an entry of the list must begin here, with a dash"},
	{"could not find expected ':'", "a key needs a colon and a space after it"},
	{"found unexpected end of stream", "a quote that begins here is not closed"},
	{"did not find expected ',' or", "a bracket that begins here is not closed, or a comma is missing"},
	{"unknown anchor", "this alias names an anchor that is not in the document before it"},
	{"did not find expected alphabetic or numeric character", "a value that begins with * or & must be in quotes"},
}

func plain(text string) string {
	for _, h := range hints {
		if strings.Contains(text, h.part) {
			return h.text
		}
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		_, text, _ = strings.Cut(rest, ": ")
	}
	return text
}
