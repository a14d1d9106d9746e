package httpapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func (s *server) review(file string) (out reviewJSON) {
	s.t.Helper()
	s.upload("?dry_run&problems", "file", file).want(200).decode(&out)
	return out
}

// said returns the problems as "job field severity: text".
func (r *reviewJSON) said() (lines []string) {
	for _, p := range r.Problems {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", p.Job, p.Field, p.Severity, p.Text))
	}
	return lines
}

func TestReviewHasAllProblemsOfAllJobs(t *testing.T) {
	s := newServer(t)
	got := s.review(`[
		{"name":"a","schedule":"wrong","retries":"x","retrys":3,"concurrency":"some","dst":{"gap":"x","overlab":"first"}},
		{"name":"b","parents":[{"job":"nobody"}]},
		{"name":"c","schedule":"@daily"},{"name":"c","schedule":"@daily"},
		{"schedule":5},
		7,
		{"name":"x","parent_job":"y"},{"name":"y","parent_job":"x"},
		{"name":"d","parent_job":"a"},
		{"name":"good","schedule":"@daily","retrys":1}]`)
	for _, want := range []string{
		"a retries error: retries must be an integer from 0 to 4294967295, not the string",
		"a schedule error: can't parse job schedule",
		"a concurrency error: invalid concurrency",
		"a dst.gap error: invalid dst.gap",
		"a retrys warning: retrys is unknown and ignored; did you mean retries?",
		"a dst.overlab warning: dst.overlab is unknown and ignored; did you mean dst.overlap?",
		`b parents error: parent "nobody" is neither in the file nor stored`,
		`c name error: job "c" appears twice, on line 4`,
		"job number 5 name error: name cannot be empty",
		"job number 5 schedule error: schedule must be a string, not 5",
		"job number 6  error: a job must be an object, not 7",
		"good retrys warning: retrys is unknown and ignored; did you mean retries?",
	} {
		if !slices.ContainsFunc(got.said(), func(line string) bool { return strings.HasPrefix(line, want) }) {
			t.Errorf("missing: %s", want)
		}
	}
	if !slices.ContainsFunc(got.said(), func(line string) bool { return strings.HasSuffix(line, "would be its own ancestor") }) {
		t.Error("missing: the circle of x and y")
	}
	if got.Errors+got.Warnings != len(got.Problems) || got.Errors != 11 || got.Warnings != 3 || got.Truncated || t.Failed() {
		t.Errorf("%d errors, %d warnings:\n%s", got.Errors, got.Warnings, strings.Join(got.said(), "\n"))
	}
	s.get("/v1/jobs/good").want(404)
	s.do("POST", "/v1/restore?dry_run", `[{"name":"a","schedule":"wrong"}]`, asJSON).want(400)
}

func TestReviewHasWhatAnUpdateWouldChange(t *testing.T) {
	s := newServer(t)
	s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@daily","owner":"ann","executor_config":{"command":"one","env":"A=1"},"tags":{"role":"web"}}`).want(201)
	s.do("POST", "/v1/jobs", `{"name":"b","schedule":"@daily"}`).want(201)
	got := s.review(`[{"name":"a","schedule":"@hourly","concurrency":"allow","executor_config":{"command":"two","env":"A=1"},"starts_at":"2030-01-01T00:00:00Z"},
		{"name":"b","schedule":"@daily","concurrency":"allow"},{"name":"c","schedule":"@daily"}]`)
	var lines []string
	for _, c := range got.Changes {
		lines = append(lines, fmt.Sprintf("%s %s %v %v", c.Job, c.Field, c.Was, c.Is))
	}
	want := "a executor_config.command one two\na owner ann \na schedule @daily @hourly\n" +
		"a starts_at <nil> 2030-01-01T00:00:00Z\na tags.role web <nil>"
	if strings.Join(lines, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), want)
	}
	if fmt.Sprint(got.Create, got.Update, got.Unchanged) != "[c] [a] [b]" || got.Errors != 0 {
		t.Errorf("%+v", got.planJSON)
	}
}

func TestReviewRefusesWhatIsNoList(t *testing.T) {
	s := newServer(t)
	for _, file := range []string{`{`, `{}`, `[] []`, ``} {
		s.do("POST", "/v1/restore?dry_run&problems", file, asJSON).want(400)
	}
	if got := s.review(`[]`); len(got.Problems) != 0 {
		t.Errorf("%+v", got)
	}
}

func (s *server) reviewText(file string) (out reviewJSON) {
	s.t.Helper()
	s.do("POST", "/v1/restore?dry_run&problems", file, header{"Content-Type", "application/yaml"}).want(200).decode(&out)
	return out
}

func TestReviewSaysInWhichLineOfWhatPeopleWriteEachProblemIs(t *testing.T) {
	s := newServer(t)
	const file = `# nightly
- name: first
  schedule: "@daily"
  retrys: 2
- name: broken
  schedule: @daily
---
name: first
schedule: wrong
executor: shell
metadata:
  runbook: wiki/nightly
---
- name: kid
  parents:
  - job: first
    one: success
`
	got := s.reviewText(file)
	var lines []string
	for _, p := range got.Problems {
		lines = append(lines, fmt.Sprintf("%d:%d %s %s %s: %s", p.Line, p.Column, p.Severity, p.Job, p.Field, p.Text))
	}
	want := []string{
		`2:3 error first name: job "first" appears twice, on lines 2 and 8; remove one of them, or give it another name`,
		`6:13 error broken : not valid YAML: no value can begin with this character; put the value in quotes, or use spaces instead of tabs`,
		`8:1 error first name: job "first" appears twice, on lines 2 and 8; remove one of them, or give it another name`,
		`9:1 error first schedule: can't parse job schedule: expected 5 or 6 fields, found 1: [wrong]`,
		`4:3 warning first retrys: retrys is unknown and ignored; did you mean retries?`,
		`12:3 warning first metadata.runbook: metadata.runbook is not a web address, so the page shows no link to it; begin it with https:// or http://`,
		`17:5 warning kid parents[0].one: parents[0].one is unknown and ignored; did you mean parents[0].on?`,
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestReviewOfJSONSaysTheLineAndGoesOnAfterAJobThatCanNotBeRead(t *testing.T) {
	s := newServer(t)
	got := s.review("[\n {\"name\":\"a\",\n  \"schedule\":\"wrong\"},\n {\"name\":\"b\"\n  \"schedule\":\"@daily\"},\n {\"name\":\"c\",\"schedule\":\"@daily\"}\n]")
	if fmt.Sprint(got.Create) != "[c]" || got.Errors != 2 || got.Problems[0].Line != 3 || got.Problems[0].Column != 3 ||
		got.Problems[1].Job != "b" || got.Problems[1].Line != 5 {
		t.Errorf("%+v", got)
	}
}

func TestYAMLIsStoredAsItsReviewSays(t *testing.T) {
	s := newServer(t)
	const file = "name: a\nschedule: \"@daily\"\nstarts_at: 2030-01-01T00:00:00Z\n---\n- name: b\n  parents: [{job: a}]\n"
	if got := s.reviewText(file); got.Errors != 0 || fmt.Sprint(got.Create) != "[a b]" {
		t.Errorf("%+v", got)
	}
	yaml := header{"Content-Type", "text/yaml; charset=utf-8"}
	s.do("POST", "/v1/restore", file, yaml).want(200).wantBody(`"[\"success create a\",\"success create b\"]"`)
	s.do("POST", "/v1/restore", "- name: c\n  schedule: @daily\n", yaml).want(400).
		wantBody("Unable to parse payload: line 2, column 13: not valid YAML: no value can begin with this character; put the value in quotes, or use spaces instead of tabs.")
}
