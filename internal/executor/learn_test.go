package executor

import (
	"encoding/json"
	"strings"
	"testing"

	"dkron"
	"dkron/plugin"
)

// learning is a catalogue with the plugin mail, while another node has fax.
func learning(t *testing.T) *Catalogue {
	t.Helper()
	c, err := NewCatalogue([]string{"mail"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Elsewhere(func() []string { return []string{"fax", "mail"} })
	return c
}

func TestAPluginIsKnownBeforeAndAfterItDescribesItself(t *testing.T) {
	c := learning(t)
	job := &dkron.Job{Executor: "mail", ExecutorConfig: map[string]string{"subjct": "x"}}
	if got := c.Judge(job); len(got) != 0 {
		t.Errorf("before: %v", got)
	}
	schema := plugin.Schema{Description: "Sends.", Properties: []plugin.Property{{Name: "subject", Title: "Subject", Description: "The line."}}}.JSON()
	check := func(map[string]string) []plugin.Problem {
		return []plugin.Problem{{Text: "could not be checked: it sleeps"}}
	}
	if err := c.Learn("mail", schema, check); err != nil {
		t.Fatal(err)
	}
	got := c.Judge(job)
	if len(got) != 2 || got[0] != (dkron.Problem{Field: "executor_config", Text: "executor_config could not be checked: it sleeps"}) ||
		got[1].Text != "executor_config.subjct is unknown and ignored; did you mean subject?" {
		t.Errorf("after: %+v", got)
	}
	if e := c.Entries(); len(e) != 2 || e[0].Name != "mail" || e[0].Schema == nil || e[1].Name != "fax" || e[1].Schema != nil {
		t.Errorf("%+v", e)
	}
}

func TestAnExecutorOfAnotherNodeIsNoMistake(t *testing.T) {
	c := learning(t)
	if got := c.Judge(&dkron.Job{Executor: "fax", ExecutorConfig: map[string]string{"to": "x"}}); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := c.Judge(&dkron.Job{Executor: "faxx"}); len(got) != 1 || !strings.Contains(got[0].Text, "every execution fails") {
		t.Errorf("%v", got)
	}
}

func TestADescriptionThatCantBeUsedIsLeftOut(t *testing.T) {
	for _, text := range []string{
		"garbage", "[]", "{}", `{"$schema":"x","type":"array","properties":{}}`,
		`{"$schema":"x","type":"object","properties":{"a":{"type":"number","title":"A","description":"a"}}}`,
		`{"$schema":"x","type":"object","properties":{"a":{"type":"string","title":7}}}`,
		`{"$schema":"x","type":"object","properties":{"a":{"type":"string"}}}`,
	} {
		c := learning(t)
		if err := c.Learn("mail", json.RawMessage(text), nil); err == nil {
			t.Errorf("%s is used", text)
		}
		if got := c.Judge(&dkron.Job{Executor: "mail", ExecutorConfig: map[string]string{"a": "b"}}); len(got) != 0 || c.find("mail").Schema != nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}
