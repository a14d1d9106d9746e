package builtin_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dkron/builtin"
	"dkron/plugin"
)

// description is what the tests read of a JSON Schema.
type description struct {
	Schema      string                     `json:"$schema"`
	Description string                     `json:"description"`
	Properties  map[string]plugin.Property `json:"properties"`
	Required    []string                   `json:"required"`
}

// Every built-in executor says what its configuration can have, in words that fit a form and the guide.
func TestEachExecutorDescribesItself(t *testing.T) {
	all := builtin.New(builtin.Options{})
	defer all.Close()
	for name, executor := range all.ByName() {
		t.Run(name, func(t *testing.T) {
			d, ok := executor.(plugin.Describer)
			if !ok {
				t.Fatal("it implements no plugin.Describer")
			}
			if _, ok := executor.(plugin.Checker); !ok {
				t.Error("it implements no plugin.Checker")
			}
			var got description
			if err := json.Unmarshal(d.Describe(), &got); err != nil {
				t.Fatal(err)
			}
			if !isSentence(got.Description) {
				t.Errorf("the description is no sentence: %q", got.Description)
			}
			for key, p := range got.Properties {
				checkWords(t, key, p)
			}
			for _, key := range got.Required {
				if got.Properties[key].Advanced {
					t.Errorf("%s is required and folded away", key)
				}
			}
		})
	}
}

func checkWords(t *testing.T, key string, p plugin.Property) {
	t.Helper()
	if _, err := strconv.Atoi(key); err == nil {
		t.Errorf("%s: a browser does not keep the place of a key that is a number", key)
	}
	if p.Title == "" || strings.HasSuffix(p.Title, ".") {
		t.Errorf("%s: its title is no label: %q", key, p.Title)
	}
	if !isSentence(p.Description) {
		t.Errorf("%s: its description is no sentence: %q", key, p.Description)
	}
	if p.Default != "" && p.Enum != nil && !slices.Contains(p.Enum, p.Default) {
		t.Errorf("%s: its default is not among its values", key)
	}
	formats := []plugin.Format{plugin.Line, plugin.Multiline, plugin.Password, plugin.Boolean, plugin.Flag, plugin.Integer, plugin.Duration}
	if !slices.Contains(formats, p.Format) {
		t.Errorf("%s: the page knows no format %q", key, p.Format)
	}
}

func isSentence(text string) bool {
	return text != "" && strings.ToUpper(text[:1]) == text[:1] && strings.HasSuffix(text, ".")
}

// What a description gives as an example or a default is right by the executor's own rules.
func TestExamplesAndDefaultsHaveNoProblems(t *testing.T) {
	all := builtin.New(builtin.Options{})
	defer all.Close()
	for name, executor := range all.ByName() {
		var d description
		if err := json.Unmarshal(executor.(plugin.Describer).Describe(), &d); err != nil {
			t.Fatal(err)
		}
		for key, p := range d.Properties {
			for _, value := range append(p.Examples, p.Default) {
				config := map[string]string{key: value}
				for other, q := range d.Properties { // what it needs to be complete
					if other != key && len(q.Examples) > 0 && key+other != "unixSocketproxy" { // these two exclude each other
						config[other] = q.Examples[0]
					}
				}
				if value == "" {
					delete(config, key)
				}
				for _, problem := range executor.(plugin.Checker).Check(config) {
					if problem.Key == key && value != "" {
						t.Errorf("%s: %s %q %s", name, key, value, problem.Text)
					}
				}
			}
		}
	}
}

// Every processor describes the keys that all have in common.
func TestEachProcessorDescribesTheCommonKeys(t *testing.T) {
	for name, p := range builtin.NewProcessors(builtin.ProcessorOptions{}).ByName() {
		var got description
		if err := json.Unmarshal(p.(plugin.Describer).Describe(), &got); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{plugin.Forward, plugin.On, plugin.Order} {
			if got.Properties[key].Title == "" {
				t.Errorf("%s lacks the key %s: plugin has a property for it", name, key)
			}
		}
	}
}
