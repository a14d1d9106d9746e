package httpapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// wantWarnings compares all warnings of an answer.
func (a *answer) wantWarnings(texts ...string) *answer {
	a.t.Helper()
	var want []string
	for _, text := range texts {
		want = append(want, fmt.Sprintf("299 dkron %q", text))
	}
	if got := a.header.Values("Warning"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		a.t.Errorf("warnings\n%s\nwant\n%s\nof %s", strings.Join(got, "\n"), strings.Join(want, "\n"), a.body)
	}
	return a
}

func TestWhatNeverFiresOrOtherwiseThanItLooksIsSaidAtEachWrite(t *testing.T) {
	const past = "expires_at has passed, so the job never fires; make it later, or leave it out"
	for body, want := range map[string]string{
		`"schedule":"@hourly"`:                           "",
		`"schedule":"0 0 31 2 *"`:                        "schedule never fires: no year has such a day",
		`"schedule":"*/90 * * * *"`:                      "schedule has a step longer than its field: */90 is only minute 0, so it does not fire every 90 minutes; write @every 90m for that",
		`"schedule":"@every -5m"`:                        "schedule fires every second, since -5m is less than that; did you mean @every 5m?",
		`"schedule":"@at 2026-11-23T11:59:59Z"`:          "schedule never fires: its instant has passed; choose a future one",
		`"schedule":"@at 2026-11-23T12:00:01Z"`:          "",
		`"schedule":"@after 2026-11-23T11:00:00Z <PT2H"`: "",
		`"schedule":"@after 2026-11-23T11:00:00Z <PT2M"`: "schedule never fires: its instant and the grace period after it have passed; choose a future instant",
		`"schedule":"@hourly","starts_at":"2026-12-02T00:00:00Z","expires_at":"2026-12-01T00:00:00Z"`: "expires_at is before starts_at, so the job never fires; make it later, or leave one of them out",
		`"schedule":"@hourly","starts_at":"2026-12-01T00:00:00Z","expires_at":"2026-12-02T00:00:00Z"`: "",
		`"schedule":"@yearly","starts_at":"2027-03-01T00:00:00Z","expires_at":"2027-04-01T00:00:00Z"`: "schedule never fires: it is not due between starts_at and expires_at; change one of the three",
		`"schedule":"@at 2027-01-01T00:00:00Z","starts_at":"2028-01-01T00:00:00Z"`:                    "schedule never fires: it is not due between starts_at and expires_at; change one of the three",
		`"schedule":"@hourly","expires_at":"2026-11-23T11:00:00Z"`:                                    past,
		`"schedule":"@manually","expires_at":"2026-11-23T13:00:00Z"`:                                  "",
		`"schedule":"@manually","disabled":true`:                                                      "",
		`"parent_job":"p"`:                                                                            "",
		`"schedule":"@hourly","metadata":{"runbook":"HTTPS://wiki/a"}`:                                "",
		`"schedule":"@hourly","metadata":{"runbook":""}`:                                              "",
		`"schedule":"@hourly","metadata":{"runbook":"javascript:alert(1)"}`:                           "metadata.runbook is not a web address, so the page shows no link to it; begin it with https:// or http://",
		`"parent_job":"p","schedule":"@manually"`:                                                     "",
		`"parent_job":"p","schedule":"0 0 31 2 *"`:                                                    "schedule is ignored, since parents launch the job; leave it out, or remove the parents",
		`"parents":[{"job":"p"}],"expires_at":"2026-11-23T11:00:00Z"`:                                 past,
	} {
		s := newServer(t)
		s.api.now = func() time.Time { return noon }
		s.create(`{"name":"p","schedule":"@daily"}`)
		var all []string
		if want != "" {
			all = []string{want}
		}
		s.do("POST", "/v1/jobs", `{"name":"a",`+body+`}`).want(201).wantWarnings(all...)
		s.do("PATCH", "/v1/jobs", `{"name":"a",`+body+`}`).want(201).wantWarnings(all...)
		s.do("PUT", "/v1/jobs/a", `{"displayname":"x",`+body+`}`).want(201).wantWarnings(all...)
		s.do("POST", "/v1/jobs/a/versions/1/revert", "").want(200).wantWarnings(all...)
		file := `[{"name":"a",` + body + `}]`
		if want != "" {
			all = []string{`job "a": ` + want}
		}
		s.do("POST", "/v1/restore?dry_run", file, asJSON).want(200).wantWarnings(all...)
		s.do("POST", "/v1/restore", file, asJSON).want(200).wantWarnings(all...)
		var p previewJSON
		s.draft("", `{`+body+`}`).want(200).decode(&p)
		if want == "" && p.Warnings != nil || want != "" && (len(p.Warnings) != 1 || p.Warnings[0].Text != want || p.Warnings[0].Refused ||
			!strings.HasPrefix(want, p.Warnings[0].Field+" ")) {
			t.Errorf("%s: the preview warns of %+v", body, p.Warnings)
		}
	}
}

func TestAChannelThatDoesNotExistIsWarnedOfAndTheNearestIsNamed(t *testing.T) {
	s := newServer(t)
	if err := s.store.Update(0, func(tx *state.Tx) error { return tx.PutChannel(&dkron.Channel{Name: "billing", Type: "ntfy"}) }); err != nil {
		t.Fatal(err)
	}
	const missing = "channels has %s, which does not exist: nothing is sent through it until somebody creates it"
	s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly","channels":["biling","billing","x"]}`).want(201).
		wantWarnings(fmt.Sprintf(missing, "biling")+"; did you mean billing?", fmt.Sprintf(missing, "x"))
	s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly","channels":["billing"]}`).want(201).wantWarnings()
	for body, want := range map[string]string{
		`["Billing"]`: `channels[0] "Billing" can't be a name: write 1 to 64 of a-z, 0-9, - and _`,
		`["b","b"]`:   `channels[1] "b" is there twice`,
		`"billing"`:   `channels must be an array of strings, not the string "billing"`,
	} {
		if a := s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly","channels":`+body+`}`).want(400); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}

func TestTheWordsOfAScheduleSayThatItNeverFires(t *testing.T) {
	s := newServer(t)
	for body, want := range map[string]string{
		`"schedule":"0 0 31 2 *"`: "Never: no year has such a day (on day 31 of February at 00:00)",
		`"schedule":"@hourly","starts_at":"2026-12-02T00:00:00Z","expires_at":"2026-12-01T00:00:00Z"`: "Never: expires_at is before starts_at (every hour)",
		`"schedule":"*/90 * * * *"`: "Every hour (*/90 is only minute 0)",
		`"schedule":"@every -5m"`:   "Every 1 second from the job's creation (-5m is less than that)",
	} {
		if got := s.do("PUT", "/v1/jobs/a", "{"+body+"}").want(201).object()["schedule_text"]; got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestAWarningOfAStoredJobIsThatOfItsLastWrite(t *testing.T) {
	s := newServer(t)
	now := time.Now().UTC()
	at := now.Add(time.Hour).Format(time.RFC3339)
	s.api.now = func() time.Time { return now.Add(2 * time.Hour) } // it has fired
	s.create(`{"name":"once","schedule":"@at `+at+`"}`, `{"name":"never","schedule":"0 0 31 2 *"}`)
	if a := s.get("/v1/jobs/once/preview").want(200); strings.Contains(a.body, "warnings") {
		t.Error(a.body)
	}
	if a := s.get("/v1/jobs/never/preview").want(200); !strings.Contains(a.body, `"warnings":[{"field":"schedule","text":"schedule never fires: no year has such a day","refused":false}]`) {
		t.Error(a.body)
	}
	s.do("POST", "/v1/jobs/never/toggle", "").want(200).wantWarnings() // it does not fire now for another reason
	s.do("POST", "/v1/jobs/never/toggle", "").want(200).wantWarnings("schedule never fires: no year has such a day")
}

func TestAnEphemeralJobThatItsChildrenKeepIsSaid(t *testing.T) {
	const kept = "ephemeral does not apply: the job is kept after its success, since child waits for it; remove the children, or set ephemeral to false"
	const keeps = "parents has once, which is ephemeral and is kept after its success as long as it has children; set its ephemeral to false"
	s := newServer(t)
	once, child := `{"name":"once","schedule":"@manually","ephemeral":true}`, `{"name":"child","parents":[{"job":"once"}]}`
	s.do("POST", "/v1/jobs", once).want(201).wantWarnings()
	s.do("POST", "/v1/jobs", child).want(201).wantWarnings(keeps)
	s.do("POST", "/v1/jobs", once).want(201).wantWarnings(kept)
	if a := s.draft("", once).want(200); !strings.Contains(a.body, kept) {
		t.Error(a.body)
	}
	s.do("POST", "/v1/restore", "["+once+","+child+"]", asJSON).want(200).wantWarnings(`job "once": `+kept, `job "child": `+keeps)
	s.do("POST", "/v1/jobs", `{"name":"once","schedule":"@manually"}`).want(201).wantWarnings()
	s.do("POST", "/v1/jobs", child).want(201).wantWarnings()
}

// severities finds problems in the configuration by its keys.
func severities(j *dkron.Job) (found []dkron.Problem) {
	for key, severity := range map[string]dkron.Severity{"doubtful": dkron.Doubtful, "hopeless": dkron.Hopeless, "refused": dkron.Refused} {
		if _, ok := j.ExecutorConfig[key]; ok {
			found = append(found, dkron.Problem{Field: "executor_config." + key, Text: "executor_config." + key + " is wrong; leave it out", Severity: severity})
		}
	}
	return found
}

func TestWhatCanNeverSucceedIsRefusedButNotOfABackupOrAnEarlierRevision(t *testing.T) {
	s := newServer(t)
	job := func(key string) string {
		return `{"name":"a","schedule":"@hourly","executor_config":{"` + key + `":""}}`
	}
	text := func(key string) string { return "executor_config." + key + " is wrong; leave it out" }
	// An older version may have stored such a job.
	s.do("POST", "/v1/jobs", job("hopeless")).want(201)
	s.do("POST", "/v1/jobs", job("refused")).want(201)
	s.do("POST", "/v1/jobs", job("right")).want(201)
	s.judged = severities

	s.do("POST", "/v1/jobs", job("doubtful")).want(201).wantWarnings(text("doubtful"))
	for _, key := range []string{"hopeless", "refused"} {
		for _, method := range []string{"POST", "PATCH"} {
			s.do(method, "/v1/jobs", job(key)).want(400).wantBody("Job validation failed: " + text(key) + ".")
		}
		s.do("PUT", "/v1/jobs/a", job(key)).want(400)
		if a := s.draft("", job(key)).want(200); !strings.Contains(a.body, `"warnings":[{"field":"executor_config.`+key+`","text":"`+text(key)+`","refused":true}]`) {
			t.Error(a.body)
		}
	}
	s.do("POST", "/v1/jobs/a/versions/1/revert", "").want(200).wantWarnings(text("hopeless"))
	s.do("POST", "/v1/jobs/a/versions/2/revert", "").want(400).wantBody("Job validation failed: " + text("refused") + ".")
	s.do("POST", "/v1/restore?dry_run", "["+job("hopeless")+"]", asJSON).want(200).wantWarnings(`job "a": ` + text("hopeless"))
	s.do("POST", "/v1/restore", "["+job("hopeless")+"]", asJSON).want(200).wantWarnings(`job "a": ` + text("hopeless"))
	s.do("POST", "/v1/restore", "["+job("refused")+"]", asJSON).want(400).wantBody(`Unable to restore: job "a": ` + text("refused") + ".")
	s.do("POST", "/v1/jobs/a/toggle", "").want(200) // a stored job keeps running
	s.do("POST", "/v1/jobs/a/run", "").want(200)
}

func TestWarningsOfARestoreAreBounded(t *testing.T) {
	s := newServer(t)
	long := s.do("POST", "/v1/jobs", `{"name":"a","schedule":"*/`+strings.Repeat("0", 2000)+`90 * * * *"}`).want(201)
	if text := long.header.Get("Warning"); text == "" || len(text) > 500 {
		t.Errorf("a text of %d bytes: %s", len(text), text)
	}
	var jobs []string
	for i := range 25 {
		jobs = append(jobs, fmt.Sprintf(`{"name":"job%d","schedule":"0 0 31 2 *"}`, i))
	}
	got := s.do("POST", "/v1/restore", "["+strings.Join(jobs, ",")+"]", asJSON).want(200).header.Values("Warning")
	if len(got) != respond.MaxWarnings+1 || got[respond.MaxWarnings] != `299 dkron "and 15 more warnings"` || !strings.Contains(got[0], `job \"job0\": schedule never fires`) {
		t.Errorf("%d warnings: %q", len(got), got)
	}
}
