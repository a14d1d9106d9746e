package httpapi

import (
	"testing"

	"dkron"
)

func TestSuggestionsAreWhatJobsHave(t *testing.T) {
	s := newDueServer(t,
		dkron.Job{Name: "a", Schedule: "@hourly", Owner: "ann", OwnerEmail: "ann@example.com", Metadata: map[string]string{"team": "data", "tier": "1"}},
		dkron.Job{Name: "b", Schedule: "@hourly", Owner: "ann", OwnerEmail: "ann@example.com", Metadata: map[string]string{"team": "web"}},
		dkron.Job{Name: "c", Schedule: "@hourly", Owner: "bob", OwnerEmail: "Bob@example.com"},
		dkron.Job{Name: "d", Schedule: "@hourly", Owner: "ops"},
	)
	for query, want := range map[string]string{
		"field=owner":                  `{"values":[{"value":"ann","count":2},{"value":"bob","count":1},{"value":"ops","count":1}],"truncated":false}`,
		"field=owner&text=B":           `{"values":[{"value":"bob","count":1}],"truncated":false}`,
		"field=owner_email":            `{"values":[{"value":"ann@example.com","count":2},{"value":"Bob@example.com","count":1}],"truncated":false}`,
		"field=owner_email&text=bob":   `{"values":[{"value":"Bob@example.com","count":1}],"truncated":false}`,
		"field=metadata":               `{"values":[{"value":"team","count":2},{"value":"tier","count":1}],"truncated":false}`,
		"field=metadata.team&text=dat": `{"values":[{"value":"data","count":1}],"truncated":false}`,
		"field=metadata.none":          `{"values":[],"truncated":false}`,
	} {
		s.get("/v1/suggestions?" + query).want(200).wantBody(want)
	}
	for _, query := range []string{"", "field=name", "field=metadata."} {
		s.get("/v1/suggestions?" + query).want(400)
	}
}
