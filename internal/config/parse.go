package config

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

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

// maxDepth is far beyond any real configuration; it ends YAML aliases that contain themselves.
const maxDepth = 8

var errDeep = errors.New("nested too deeply")

func parseJSON(data []byte) (value, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return value{shape: isNothing}, nil
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		line := 0
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line = lineAt(data, syntax.Offset)
		}
		return value{}, &lineError{line, err}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return jsonValue(dec, data, 0)
}

// jsonValue reads tokens, because these have their position in the file.
func jsonValue(dec *json.Decoder, data []byte, depth int) (value, error) {
	token, err := dec.Token()
	if err != nil {
		return value{}, err
	}
	v := value{line: lineAt(data, dec.InputOffset())}
	if depth > maxDepth {
		return v, &lineError{v.line, errDeep}
	}
	switch t := token.(type) {
	case nil:
		v.shape = isNothing
	case json.Delim:
		v.shape = isList
		if t == '{' {
			v.shape = isTable
		}
		for dec.More() {
			var key string
			if v.shape == isTable {
				k, err := dec.Token()
				if err != nil {
					return v, err
				}
				key = k.(string) // the syntax has been checked
			}
			item, err := jsonValue(dec, data, depth+1)
			if err != nil {
				return v, err
			}
			v.items = append(v.items, item)
			v.pairs = append(v.pairs, pair{key, item})
		}
		_, err = dec.Token()
	default:
		v.text = fmt.Sprint(t)
	}
	return v, err
}

func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
}

func parseTOML(data []byte) (value, error) {
	var top map[string]any
	if err := toml.Unmarshal(data, &top); err != nil {
		line := 0
		if at, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, _ = at.Position()
		}
		return value{}, &lineError{line, err}
	}
	v := goValue(top)
	for i := range v.pairs {
		v.pairs[i].val.line = keyLine(data, v.pairs[i].key)
	}
	return v, nil
}

// keyLine finds the line where a top level key or table begins; the TOML decoder does not report it.
func keyLine(data []byte, key string) int {
	at := regexp.MustCompile(`(?m)^[ \t]*\[?["']?` + regexp.QuoteMeta(key) + `["']?[ \t]*[\]=.]`).FindIndex(data)
	if at == nil {
		return 0
	}
	return lineAt(data, int64(at[0]))
}

func goValue(x any) value {
	switch x := x.(type) {
	case map[string]any:
		v := value{shape: isTable}
		for key, item := range x {
			v.pairs = append(v.pairs, pair{key, goValue(item)})
		}
		slices.SortFunc(v.pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
		return v
	case []any:
		v := value{shape: isList}
		for _, item := range x {
			v.items = append(v.items, goValue(item))
		}
		return v
	}
	return plain(fmt.Sprint(x))
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func parseYAML(data []byte) (value, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	err := dec.Decode(&document)
	if errors.Is(err, io.EOF) {
		return value{shape: isNothing}, nil
	}
	if err == nil {
		if err = dec.Decode(&more); err == nil {
			return value{}, &lineError{more.Line, errors.New("a second document begins; only one is read")}
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if at := misindented(data); at != nil {
			return value{}, &lineError{at.line, fmt.Errorf("%w (%w)", at.err, err)}
		}
		line := 0
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		return value{}, &lineError{line, err}
	}
	return yamlValue(&document, 0)
}

// yamlValue keeps scalars as they were written; decoding a number would lose that.
func yamlValue(n *yaml.Node, depth int) (value, error) {
	v := value{line: n.Line}
	if depth > maxDepth {
		return v, &lineError{n.Line, errDeep}
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return yamlValue(n.Content[0], depth)
	case yaml.AliasNode:
		return yamlValue(n.Alias, depth+1)
	case yaml.MappingNode:
		return yamlTable(n, depth)
	case yaml.SequenceNode:
		v.shape = isList
		for _, c := range n.Content {
			item, err := yamlValue(c, depth+1)
			if err != nil {
				return v, err
			}
			v.items = append(v.items, item)
		}
	default:
		v.text = n.Value
		if n.ShortTag() == "!!null" {
			v.shape = isNothing
		}
	}
	return v, nil
}

func yamlTable(n *yaml.Node, depth int) (value, error) {
	v := value{shape: isTable, line: n.Line}
	var merged []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		item, err := yamlValue(n.Content[i+1], depth+1)
		if err != nil {
			return v, err
		}
		if item.line < key.Line {
			item.line = key.Line
		}
		if key.ShortTag() == "!!merge" {
			merged = append(merged, item.pairs...)
			continue
		}
		v.pairs = append(v.pairs, pair{key.Value, item})
	}
	for _, m := range merged { // a table's own keys override those merged into it
		if !slices.ContainsFunc(v.pairs, func(p pair) bool { return p.key == m.key }) {
			v.pairs = append(v.pairs, m)
		}
	}
	return v, nil
}
