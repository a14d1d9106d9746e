package named

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"dkron/internal/near"
	"dkron/plugin"
)

// parse returns the entries of a file, and what is wrong with them. No text has a value in it: that may be a secret.
func (k *Kind) parse(path string, data []byte) (entries map[string]*entry, warnings []string, err error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, nil, notYAML(path, err)
	}
	entries = make(map[string]*entry)
	if len(document.Content) == 0 {
		return entries, nil, nil
	}
	top := resolve(document.Content[0])
	if isNull(top) {
		return entries, nil, nil
	}
	if top.Kind != yaml.MappingNode {
		return nil, nil, fmt.Errorf("%s:%d: want names with the keys of a configuration below each", path, top.Line)
	}
	for name, node := range pairs(top) {
		e := &entry{values: make(map[string]string)}
		where := fmt.Sprintf("%s:%d: entry %s", path, name.Line, plugin.Shown(name.Value))
		if _, twice := entries[name.Value]; twice {
			warnings = append(warnings, where+" appears twice; the last one counts")
		}
		entries[name.Value] = e
		say := func(text string) { warnings = append(warnings, where+": "+text) }
		e.err = k.read(e.values, node, where, say)
		if e.err != nil {
			warnings = append(warnings, e.err.Error())
			continue
		}
		for _, p := range k.Check(e.values) {
			say(p.Key + " " + p.Text)
			if p.Severity == plugin.Hopeless && e.err == nil {
				e.err = fmt.Errorf("%s: %s %s", where, p.Key, p.Text)
			}
		}
	}
	return entries, warnings, nil
}

// read reads the keys of an entry.
func (k *Kind) read(values map[string]string, node *yaml.Node, where string, say func(string)) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%s has no keys; write some below it, indented: %s", where, strings.Join(k.Keys, ", "))
	}
	for key, value := range pairs(node) {
		i := slices.IndexFunc(k.Keys, func(known string) bool { return strings.EqualFold(known, key.Value) })
		if i < 0 {
			hint := "; the keys are " + strings.Join(k.Keys, ", ")
			if meant := near.Nearest(key.Value, k.Keys); meant != "" {
				hint = "; did you mean " + meant + "?"
			}
			say("the key " + plugin.Shown(key.Value) + " is unknown and ignored" + hint)
			continue
		}
		text, ok := text(value)
		if !ok {
			return fmt.Errorf("%s: %s is not text; write it after the colon", where, k.Keys[i])
		}
		values[k.Keys[i]] = text
	}
	return nil
}

// text returns a value as it is written; a list of them with commas.
func text(node *yaml.Node) (string, bool) {
	switch {
	case isNull(node):
		return "", true
	case node.Kind == yaml.ScalarNode:
		return node.Value, true
	case node.Kind != yaml.SequenceNode:
		return "", false
	}
	var all []string
	for _, item := range node.Content {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode {
			return "", false
		}
		all = append(all, item.Value)
	}
	return strings.Join(all, ","), true
}

// pairs iterates over the keys and values of a mapping.
func pairs(node *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], resolve(node.Content[i+1])) {
				return
			}
		}
	}
}

// resolve returns the node that an alias refers to.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

var (
	yamlLine = regexp.MustCompile(`line (\d+)`)
	// yamlQuoted begins what the library quotes of the file.
	yamlQuoted = regexp.MustCompile("['\"`]")
)

// notYAML returns an error of the library without what it quotes of the file.
func notYAML(path string, err error) error {
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		path += ":" + m[1]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if i := yamlQuoted.FindStringIndex(text); i != nil {
		text = strings.TrimSpace(text[:i[0]])
	}
	return errors.New(path + ": it is not YAML: " + text + "; put values with special characters in quotes")
}
