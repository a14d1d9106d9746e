package httpapi

import (
	"encoding/json"
	"testing"

	"dkron/internal/executor"
)

func TestExecutorsAreListedInTheirOrderWithTheirDescriptions(t *testing.T) {
	const schema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","description":"Does it.","type":"object","properties":{` +
		`"z":{"type":"string","title":"Z","description":"The first.","x-advanced":true},` +
		`"a":{"type":"string","title":"A","description":"The second.","contentSchema":{"type":"array"}}},"required":["z"]}`
	s := newServer(t, func(c *Config) {
		c.Executors = func() []executor.Entry {
			return []executor.Entry{{Name: "b", Schema: json.RawMessage(schema)}, {Name: "a"}}
		}
	})
	a := s.do("GET", "/v1/executors", "")
	a.want(200)
	if want := `[{"name":"b","schema":` + schema + `},{"name":"a"}]`; a.body != want {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
	a.wantHeader("X-Total-Count", "2")
}

func TestWithoutExecutorsTheListIsEmpty(t *testing.T) {
	a := newServer(t).do("GET", "/v1/executors", "")
	if a.want(200); a.body != "[]" {
		t.Errorf("got %s", a.body)
	}
}
