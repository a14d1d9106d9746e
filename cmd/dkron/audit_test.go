package main

import (
	"strings"
	"testing"
)

func TestTheTableOfTheAuditSaysWhatHappened(t *testing.T) {
	const lines = `{"at":"2026-12-01T14:02:11Z","who":{"name":"ann","accessor":"a1","address":"10.0.0.9"},"action":"SetJob","kind":"job","object":"backup","before":{"name":"backup","retries":1,"owner":"x"},"after":{"name":"backup","retries":3}}
{"at":"2026-12-01T14:01:00Z","who":{"name":"","accessor":"a2","address":"10.0.0.8"},"action":"DeleteRule","kind":"rule","object":"r","before":{"name":"r"},"after":null}
{"at":"2026-12-01T14:00:00Z","who":{"name":"","accessor":"","address":"10.6.6.6"},"action":"GET /v1/jobs","kind":"request","object":"","detail":"no valid\ntoken","before":null,"after":null,"status":401,"count":12}
`
	var out strings.Builder
	if err := auditTable(&out, lines); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"At Who From Action What Detail",
		"2026-12-01T14:02:11Z ann 10.0.0.9 SetJob job backup changed: owner, retries",
		"2026-12-01T14:01:00Z a2 10.0.0.8 DeleteRule rule r deleted",
		"2026-12-01T14:00:00Z 10.6.6.6 GET /v1/jobs request refused with 401; 12 times; no valid token",
	}
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if got := strings.Join(strings.Fields(line), " "); i >= len(want) || got != want[i] {
			t.Errorf("line %d: %s", i, got)
		}
	}
}
