package access_test

import (
	"strings"
	"testing"
)

// A crontab's token can report its job's runs, and nothing else.
func TestATokenThatMayOnlyRunAJobChecksInForIt(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	for _, name := range []string{"backup", "billing"} {
		body := `{"name":"` + name + `","schedule":"@manually","executor":"checkin"}`
		if a := n.ask("POST", "/v1/jobs", root, body); a.status != 201 {
			t.Fatal(a)
		}
	}
	if a := n.ask("POST", "/v1/acl/policies/backup", root, `{"rules":[{"prefix":"backup","verbs":["run"]}]}`); a.status != 200 {
		t.Fatal(a)
	}
	crontab, accessor := n.client(root, `{"name":"crontab","policies":["backup"]}`)
	a := n.ask("POST", "/v1/checkins/backup?from=db1", crontab, "{}")
	if a.status != 201 || !strings.Contains(a.body, `"requested_by":"`+accessor) && !strings.Contains(a.body, `"requested_by":"crontab`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, path := range []string{"/v1/checkins/billing", "/v1/checkins/none"} {
		if a := n.ask("POST", path, crontab, "{}"); a.status != 403 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := n.ask("DELETE", "/v1/jobs/backup", crontab, ""); a.status != 403 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := n.ask("POST", "/v1/checkins/backup", "", "{}"); a.status != 401 {
		t.Errorf("without a token: %d %s", a.status, a.body)
	}
}
