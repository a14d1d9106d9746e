package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A configuration is keys and texts, such as a job's executor_config. How a value is written into a text depends on what the text is:
//   - in a list of variables, the key env, commas are escaped, as the list has them;
//   - in a JSON document, it is written as a JSON string has it;
//   - in base64, as payloads are, it is put into what is encoded;
//   - anywhere else it is put in as it is.

// variables is the key of a list of variables, in all executors that have one.
const variables = "env"

// begins is how references to stored secrets begin, and how base64 has that at each of the three places where it may be in a group.
var begins = markers("${" + string(Stored) + ":")

func markers(text string) []string {
	all := []string{text}
	for shift := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
		first := (shift*8 + 5) / 6          // characters that depend on what is before
		last := (shift + len(text)) * 8 / 6 // those after depend on what follows
		all = append(all, encoded[first:min(last, len(encoded))])
	}
	return all
}

// maybe reports whether a text could have a reference to a stored secret. It is cheap, for texts that have none.
func maybe(text string) bool {
	return slices.ContainsFunc(begins, func(b string) bool { return strings.Contains(text, b) })
}

// MaybeIn is whether a record could have such a reference in one of its texts.
func MaybeIn(record []byte) bool {
	return slices.ContainsFunc(begins, func(b string) bool { return bytes.Contains(record, []byte(b)) })
}

// Used reports whether a configuration could refer to stored secrets. Nearly all do not, and pay nothing but this.
func Used(config map[string]string) bool {
	for _, text := range config {
		if maybe(text) {
			return true
		}
	}
	return false
}

// plainOf returns the text that is encoded in base64, false if text is not.
func plainOf(text string) (string, bool) {
	if strings.Contains(text, begins[0]) {
		return "", false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return string(data), err == nil
}

// Names returns the names of the stored secrets that texts refer to, sorted.
func Names(texts ...string) (names []string) {
	for _, text := range texts {
		if !maybe(text) {
			continue
		}
		if plain, ok := plainOf(text); ok {
			text = plain
		}
		for _, r := range Find(text) {
			if r.Kind == Stored && r.Valid() {
				names = append(names, r.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// In returns the names of the stored secrets that a configuration refers to, sorted.
func In(config map[string]string) []string {
	if !Used(config) {
		return nil
	}
	return Names(slices.Collect(maps.Values(config))...)
}

// Fill returns a configuration with its references replaced by the values of secrets, which must have all of them.
func Fill(config map[string]string, values map[string]string) (map[string]string, error) {
	if !Used(config) {
		return config, nil
	}
	filled := maps.Clone(config)
	for key, text := range config {
		if !maybe(text) {
			continue
		}
		plain, encoded := plainOf(text)
		if encoded {
			text = plain
		}
		out, err := fillText(key, text, values)
		if err != nil {
			return nil, err
		}
		if encoded {
			out = base64.StdEncoding.EncodeToString([]byte(out))
		}
		filled[key] = out
	}
	return filled, nil
}

func fillText(key, text string, values map[string]string) (out string, err error) {
	document := json.Valid([]byte(text))
	return Replace(text, func(r Reference) string {
		v, ok := values[r.Name]
		switch {
		case !ok:
			err = fmt.Errorf("secret %s is missing", r.Name)
		case document:
			return inJSON(v)
		case key == variables && strings.HasSuffix(v, `\`):
			err = fmt.Errorf("secret %s ends with a backslash, which a list of variables can't hold before its comma", r.Name)
		case key == variables:
			return strings.ReplaceAll(v, ",", `\,`)
		}
		return v
	}, Stored), err
}

// inJSON returns a text as a JSON string has it between its quotes.
func inJSON(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // of a string
	return strings.Trim(b.String(), "\n")[1 : b.Len()-2]
}
