package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dkron/plugin"
)

// Every executor and processor says what its configuration can have, in words that fit a form and the guide, and what it gives as an
// example or a default is right by its own rules.
func TestEachPluginDescribesItself(t *testing.T) {
	if !slices.IsSorted(files()) {
		t.Errorf("not sorted: %v", files())
	}
	for _, r := range table() {
		thing := r.open()
		var d struct {
			Description string
			Properties  map[string]plugin.Property
			Required    []string
		}
		if err := json.Unmarshal(thing.(plugin.Describer).Describe(), &d); err != nil {
			t.Fatal(err)
		}
		if !isSentence(d.Description) {
			t.Errorf("%s: no sentence: %q", r.name, d.Description)
		}
		config := make(map[string]string)
		for _, key := range d.Required {
			config[key] = d.Properties[key].Examples[0]
			if d.Properties[key].Advanced {
				t.Errorf("%s: %s is required and folded away", r.name, key)
			}
		}
		for key, p := range d.Properties {
			if p.Title == "" || strings.HasSuffix(p.Title, ".") || !isSentence(p.Description) {
				t.Errorf("%s: %s: %q, %q", r.name, key, p.Title, p.Description)
			}
			for _, value := range slices.Concat(p.Examples, p.Enum, []string{p.Default}) {
				checkExample(t, r.name, thing.(plugin.Checker), config, key, value)
			}
		}
	}
}

func checkExample(t *testing.T, name string, c plugin.Checker, required map[string]string, key, value string) {
	t.Helper()
	config := map[string]string{key: value}
	for k, v := range required {
		if k != key {
			config[k] = v
		}
	}
	for _, problem := range c.Check(config) {
		// A key that needs another one says so.
		if problem.Key == key && value != "" && !strings.Contains(problem.Text, "without") {
			t.Errorf("%s: %s %q %s", name, key, value, problem.Text)
		}
	}
}

func isSentence(text string) bool {
	return text != "" && strings.ToUpper(text[:1]) == text[:1] && strings.HasSuffix(text, ".")
}
