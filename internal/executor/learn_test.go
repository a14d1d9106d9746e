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
	known, err := KnownExecutors([]string{"mail"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return NewCatalogue(known, func() []Other {
		schema := plugin.Schema{Description: "Faxes.", Properties: []plugin.Property{{Name: "number", Title: "Number", Description: "Who gets it."}}}.JSON()
		return []Other{{Name: "fax", Schema: schema}, {Name: "mail"}, {Name: "odd", Schema: json.RawMessage("garbage")}}
	})
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
	if e := c.Entries(); len(e) != 3 || e[0].Name != "mail" || e[0].Schema == nil || e[1].Name != "fax" || e[1].Schema == nil || e[2].Schema != nil {
		t.Errorf("%+v", e)
	}
}

func TestAnExecutorOfAnotherNodeIsNoMistake(t *testing.T) {
	c := learning(t)
	if got := c.Judge(&dkron.Job{Executor: "fax", ExecutorConfig: map[string]string{"number": "x"}}); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := c.Judge(&dkron.Job{Executor: "fax", ExecutorConfig: map[string]string{"numbr": "x"}}); len(got) != 1 || got[0].Text != "executor_config.numbr is unknown and ignored; did you mean number?" {
		t.Errorf("%v", got)
	}
	if got := c.Judge(&dkron.Job{Executor: "odd", ExecutorConfig: map[string]string{"too": "x"}}); len(got) != 0 {
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

func TestAProcessorThatIsAPluginIsKnown(t *testing.T) {
	known, err := KnownProcessors([]string{"log", "note"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := NewProcessors(known, func() []Other { return []Other{{Name: "note"}, {Name: "fluent"}} })
	judge := func(name string, config map[string]string) string {
		var texts []string
		for _, q := range p.Judge(&dkron.Job{Processors: map[string]map[string]string{name: config}}) {
			texts = append(texts, q.Text)
		}
		return strings.Join(texts, "|")
	}
	for _, c := range []struct {
		name   string
		config map[string]string
		want   string
	}{
		{"note", map[string]string{"any": "key"}, ""},
		{"note", map[string]string{"order": "x"}, `processors.note.order is "x", which is not a whole number, so it counts as 0; write one such as "10"`},
		{"fluent", nil, "processors.fluent is a plugin that other nodes have, but not this server, so outputs are not given to it while this server leads; install it on every server"},
		{"fluentd", nil, "processors.fluentd is not a processor that servers of this version have, so outputs are not given to it; write log or note"},
	} {
		if got := judge(c.name, c.config); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.name, c.config, got, c.want)
		}
	}
	schema := plugin.Schema{Description: "Notes.", Properties: []plugin.Property{{Name: "file", Title: "File", Description: "Where."}}}.JSON()
	check := func(map[string]string) []plugin.Problem {
		return []plugin.Problem{{Key: "file", Text: "is bad", Severity: plugin.Hopeless}}
	}
	if err := p.Learn("note", schema, check); err != nil {
		t.Fatal(err)
	}
	if got := judge("note", map[string]string{"fil": "x"}); got != "processors.note.file is bad|processors.note.fil is unknown and ignored; did you mean file?" {
		t.Error(got)
	}
	p.Add("new")
	if got := judge("new", nil); got != "" || len(p.Entries()) != 4 {
		t.Errorf("%q, %+v", got, p.Entries())
	}
}
