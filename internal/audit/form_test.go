package audit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/codec"
)

func TestObjectsAreShownAsTheAPIShowsThem(t *testing.T) {
	for _, c := range []struct {
		kind dkron.AuditKind
		v    codec.Message
		want string
	}{
		{dkron.AuditRule, &dkron.Rule{Name: "r", On: []dkron.AlertEvent{"failed"}, Longer: time.Minute, Match: dkron.Match{Jobs: []string{"a-*"}}, Revision: 3, UpdatedBy: "x"},
			`{"longer_than":"1m0s","match":{"jobs":["a-*"]},"name":"r","on":["failed"]}`},
		{dkron.AuditChannel, &dkron.Channel{Name: "c", Type: "slack", Settings: map[string]string{"url": "${secret:s}"}},
			`{"name":"c","settings":{"url":"${secret:s}"},"type":"slack"}`},
		{dkron.AuditPolicy, &dkron.Policy{Name: "p", Rules: `{"rules":[]}`}, `{"name":"p","rules":{"rules":[]}}`},
		{dkron.AuditToken, &dkron.Token{Accessor: "a", Name: "n", Type: "client", Policies: []string{"p"}, Hash: []byte("h"), ExpiresAt: noon},
			`{"accessor":"a","expires_at":"2026-03-04T12:00:00Z","name":"n","policies":["p"],"type":"client"}`},
		{dkron.AuditSecret, &dkron.Secret{Name: "s", Sealed: []byte("sealed"), ValueAt: noon}, `{"name":"s","value_set_at":"2026-03-04T12:00:00Z"}`},
		{dkron.AuditSettings, &dkron.Settings{History: dkron.Retention{Count: 7, Age: time.Hour}, TotalBytes: 9},
			`{"history":{"age":"1h0m0s","bytes":0,"count":7,"total_bytes":9}}`},
		{dkron.AuditLaunch, &dkron.Change{Env: map[string]string{"A": "1"}, Payload: &dkron.Payload{Text: "in"}}, `{"env":{"A":"1"},"payload":"in"}`},
	} {
		raw, err := json.Marshal(shown(c.kind, codec.Encode(c.v)))
		if err != nil || string(raw) != c.want {
			t.Errorf("%s: %s, %v, want %s", c.kind, raw, err, c.want)
		}
	}
	raw, err := json.Marshal(shown(dkron.AuditJob, codec.Encode(&dkron.Job{Name: "a", Schedule: "@daily", Revision: 5})))
	if err != nil || !strings.Contains(string(raw), `"schedule":"@daily"`) || strings.Contains(string(raw), "revision") {
		t.Errorf("%s, %v", raw, err)
	}
	if got := shown(dkron.AuditJob, []byte{0xff}); got != nil {
		t.Errorf("what can't be read: %v", got)
	}
}
