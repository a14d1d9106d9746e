package httpapi

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/request"
)

// due returns the instants of a preview as "local mark".
func (a *answer) due() string {
	a.t.Helper()
	var p previewJSON
	a.want(200).decode(&p)
	var out []string
	for _, i := range p.Instants {
		if local, err := time.Parse(time.RFC3339, i.Local); err != nil || !local.Equal(i.At) || i.At.Location() != time.UTC {
			a.t.Errorf("%+v", i)
		}
		out = append(out, strings.TrimSpace(i.Local+" "+i.DST))
	}
	return strings.Join(out, ", ")
}

func (s *server) draft(query, body string) *answer {
	s.t.Helper()
	return s.do("POST", "/v1/preview?"+query, body)
}

func TestPreviewMarksWhatClockChangesDo(t *testing.T) {
	s := newServer(t)
	const spring, autumn = "n=3&from=2026-03-28T12:00:00Z", "n=4&from=2026-10-24T23:30:00Z"
	for _, c := range []struct{ query, job, want string }{
		{spring, `"schedule":"0 30 2 * * *"`, "2026-03-29T03:00:00+02:00 gap, 2026-03-30T02:30:00+02:00, 2026-03-31T02:30:00+02:00"},
		{spring, `"schedule":"0 30 2 * * *","dst":{"gap":"skip"}`, "2026-03-30T02:30:00+02:00, 2026-03-31T02:30:00+02:00, 2026-04-01T02:30:00+02:00"},
		{spring, `"schedule":"0 0 3 * * *"`, "2026-03-29T03:00:00+02:00, 2026-03-30T03:00:00+02:00, 2026-03-31T03:00:00+02:00"},
		{"n=2&from=2026-03-29T00:30:00Z", `"schedule":"0 */30 * * * *"`, "2026-03-29T01:30:00+01:00, 2026-03-29T03:00:00+02:00"},
		{"n=2&from=2026-10-24T12:00:00Z", `"schedule":"0 30 2 * * *"`, "2026-10-25T02:30:00+02:00 overlap-first, 2026-10-26T02:30:00+01:00"},
		{"n=2&from=2026-10-24T12:00:00Z", `"schedule":"0 30 2 * * *","dst":{"overlap":"both"}`,
			"2026-10-25T02:30:00+02:00 overlap-first, 2026-10-25T02:30:00+01:00 overlap-second"},
		{autumn, `"schedule":"@hourly"`, "2026-10-25T02:00:00+02:00 overlap-first, 2026-10-25T02:00:00+01:00 overlap-second, " +
			"2026-10-25T03:00:00+01:00, 2026-10-25T04:00:00+01:00"},
	} {
		if got := s.draft(c.query, `{"timezone":"Europe/Berlin",`+c.job+`}`).due(); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.job, got, c.want)
		}
	}
	whole := s.draft("n=1&from=2026-03-28T12:00:00Z", `{"schedule":"TZ=Europe/Berlin 0 30 2 * * *"}`).want(200)
	whole.wantBody(`{"schedule":"TZ=Europe/Berlin 0 30 2 * * *","schedule_text":"Every day at 02:30 (Europe/Berlin)","timezone":"Europe/Berlin","disabled":false,` +
		`"instants":[{"at":"2026-03-29T01:00:00Z","local":"2026-03-29T03:00:00+02:00","dst":"gap"}],` +
		`"targets":{"nodes":["n1"],"count":1,"matching":["n1"]}}`)
}

func TestPreviewEndsWithTheYear9999(t *testing.T) {
	s := newServer(t)
	for schedule, want := range map[string]string{
		"@at 9999-12-31T09:00:00Z": "9999-12-31T23:00:00+14:00",
		"@at 9999-12-31T12:00:00Z": "", // the year 10000 there
		"@daily":                   "9999-12-31T00:00:00+14:00",
	} {
		got := s.draft("from=9999-12-30T00:00:00Z", `{"timezone":"Pacific/Kiritimati","schedule":"`+schedule+`"}`).due()
		if got != want {
			t.Errorf("%s: %s, want %s", schedule, got, want)
		}
	}
}

func TestPreviewOfAJobFollowsItsDefinition(t *testing.T) {
	s := newServer(t)
	s.api.now = func() time.Time { return noon }
	s.create(`{"name":"a","schedule":"@hourly","timezone":"UTC","disabled":true,"starts_at":"2026-11-23T14:00:00Z","expires_at":"2026-11-23T15:30:00Z"}`,
		`{"name":"every","schedule":"@every 7m"}`, `{"name":"child","parent_job":"a","schedule":"@hourly"}`,
		`{"name":"never","schedule":"0 0 0 30 2 *"}`, `{"name":"once","schedule":"@at 2026-11-24T00:00:00Z"}`)
	s.createdAt("every", noon)
	if got := s.get("/v1/jobs/a/preview").due(); got != "2026-11-23T14:00:00Z, 2026-11-23T15:00:00Z" {
		t.Error(got)
	}
	if !strings.Contains(s.get("/v1/jobs/a/preview").body, `"disabled":true`) {
		t.Error("a disabled job is not noted")
	}
	var p previewJSON
	s.get("/v1/jobs/every/preview?n=2&from=2026-11-23T14:00:00Z").want(200).decode(&p) // created at noon
	if len(p.Instants) != 2 || !p.Instants[0].At.Equal(noon.Add(126*time.Minute)) {
		t.Errorf("%+v", p)
	}
	child := s.get("/v1/jobs/child/preview").want(200)
	if !strings.Contains(child.body, `"instants":[],"waits_for":["a"]`) {
		t.Error(child.body)
	}
	s.get("/v1/jobs/never/preview").decode(&p)
	if len(p.Instants) != 0 {
		t.Errorf("%+v", p)
	}
	s.get("/v1/jobs/once/preview?n=1000").decode(&p)
	if len(p.Instants) != 1 {
		t.Errorf("%+v", p)
	}
	s.get("/v1/jobs/every/preview").decode(&p)
	if len(p.Instants) != defaultInstants {
		t.Errorf("%d by default", len(p.Instants))
	}
	at := "2026-11-23T13:00:00Z" // from is included
	if got := s.draft("n=1&from="+at, `{"schedule":"@hourly","timezone":"UTC"}`).due(); got != at {
		t.Error(got)
	}
	s.get("/v1/jobs/none/preview").want(404).wantBody("")
	s.do("HEAD", "/v1/jobs/a/preview", "").want(200)
}

func TestPreviewOfADraftIsWhatStoringItWouldDo(t *testing.T) {
	s := newServer(t)
	s.api.now = func() time.Time { return noon.Add(time.Hour) }
	s.create(`{"name":"every","schedule":"@every 7m"}`)
	s.createdAt("every", noon)
	var p previewJSON
	s.draft("n=1", `{"name":"every","schedule":"@every 50m"}`).decode(&p) // an update: counted from its creation at noon
	if !p.Instants[0].At.Equal(noon.Add(100 * time.Minute)) {
		t.Errorf("%+v", p)
	}
	s.draft("n=1", `{"name":"new","schedule":"@every 50m"}`).decode(&p)
	if !p.Instants[0].At.Equal(noon.Add(110 * time.Minute)) {
		t.Errorf("%+v", p)
	}
	after := `"timezone":"UTC","schedule":"@after 2026-11-23T12:30:00Z <PT2H"`
	s.draft("", "{"+after+"}").want(200).decode(&p)
	if got := p.Instants; len(got) != 1 || !got[0].At.Equal(noon.Add(time.Hour)) {
		t.Errorf("@after within its grace period: %v", got)
	}
	for _, body := range []string{"{" + after + `,"expires_at":"2026-11-23T12:40:00Z"}`, `{"schedule":"@after 2026-11-23T12:30:00Z <PT5M"}`} {
		if got := s.draft("", body).due(); got != "" {
			t.Errorf("%s: %s", body, got)
		}
	}
	s.create(`{"name":"after",` + after + `}`)
	if got := s.draft("", `{"name":"after",`+after+`}`).due(); got != "" {
		t.Errorf("an update of an @after job that fired at its first write is due: %s", got)
	}
	if got := s.draft("n=1&from=2026-11-23T00:00:00Z", `{"name":"abc","schedule":"0 ~ * * * *","timezone":"UTC"}`).due(); got != "2026-11-23T00:54:00Z" {
		t.Error(got)
	}
	s.draft("", `{"schedule":"@hourly","what":1}`).want(200).wantHeader("Warning", `299 dkron "unknown fields ignored: what"`)
	s.get("/v1/jobs").wantHeader("X-Total-Count", "2") // nothing was stored
}

func TestPreviewRefusesWhatCreateRefuses(t *testing.T) {
	s := newServer(t)
	for _, body := range []string{
		`{"schedule":"* * *"}`, `{"schedule":""}`, `{}`, `{"schedule":"@hourly","timezone":"Nope"}`, `{"schedule":5}`, ``, `[]`,
		`{"schedule":"@hourly","dst":{"gap":"x"}}`,
	} {
		named := strings.Replace(body, "{", `{"name":"a",`, 1)
		want := s.do("POST", "/v1/jobs", strings.Replace(named, ",}", "}", 1)).want(400).body
		s.draft("", body).want(400).wantBody(want)
	}
	s.draft("", `{"name":"A","schedule":"@hourly"}`).want(400)
	for _, n := range []string{"0", "1001", "-1", "x", "", "1.5"} {
		s.draft("n="+n, `{"schedule":"@hourly"}`).want(400).wantBody(fmt.Sprintf("n must be an integer from 1 to 1000, not %q", n))
	}
	for _, from := range []string{"", "now", "2026-01-01"} {
		a := s.draft("from="+url.QueryEscape(from), `{"schedule":"@hourly"}`).want(400)
		a.wantBody(fmt.Sprintf(`from must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not %q`, from))
	}
	s.draft("", `{"schedule":"@hourly","owner":"`+strings.Repeat("x", DefaultMaxBody)+`"}`).want(413)
	s.get("/v1/preview").want(405).wantHeader("Allow", "OPTIONS, POST")
	s.do("POST", "/v1/jobs/a/preview", "").want(405).wantHeader("Allow", "GET, HEAD, OPTIONS")
	s.do("DELETE", "/v1/jobs/a/stats", "").want(405).wantHeader("Allow", "GET, HEAD, OPTIONS")
}

func TestPreviewIsBoundedInTime(t *testing.T) {
	s := newServer(t)
	for _, schedule := range []string{
		"* * * * * *", "0 0 0 30 2 *", "0 0 0 29 2 MON", "0 0 0 31 4,6,9,11 *", "0 30 2 * 3 SUNL", "59 59 23 29 2 MON#5", "*/59 */59 */23 29 2 SATL",
	} {
		for _, dst := range []string{"", `,"dst":{"gap":"skip"}`} {
			began := time.Now()
			s.draft("n=1000", `{"timezone":"Europe/Berlin","schedule":"`+schedule+`"`+dst+`}`).want(200)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("%s took %v", schedule, took)
			}
		}
	}
}

func TestPreviewTellsWhereAJobWouldRun(t *testing.T) {
	s := newServer(t)
	node := func(name, region, role string, status MemberStatus) Member {
		return Member{Name: name, Status: status, Tags: map[string]string{"region": region, "role": role}}
	}
	s.cluster.members = []Member{
		node("n3", "eu", "web", MemberAlive), node("n1", "eu", "db", MemberAlive), node("n2", "eu", "web", MemberAlive),
		node("n4", "us", "web", MemberAlive), node("n5", "eu", "web", MemberFailed), node("n6", "eu", "web", MemberAlive),
	}
	for tags, want := range map[string]string{
		`{}`:                           `{"nodes":["n1","n2","n3","n6"],"count":4,"matching":["n1","n2","n3","n6"]}`,
		`{"role":"web"}`:               `{"nodes":["n2","n3","n6"],"count":3,"matching":["n2","n3","n6"]}`,
		`{"role":"web:2"}`:             `{"nodes":[],"count":2,"matching":["n2","n3","n6"]}`,
		`{"role":"web:9"}`:             `{"nodes":["n2","n3","n6"],"count":3,"matching":["n2","n3","n6"]}`,
		`{"role":"web:0"}`:             `{"nodes":[],"count":0,"matching":[]}`,
		`{"role":"none"}`:              `{"nodes":[],"count":0,"matching":[]}`,
		`{"role":"web","region":"us"}`: `{"nodes":[],"count":0,"matching":[]}`,
	} {
		a := s.draft("", `{"schedule":"@manually","tags":`+tags+`}`).want(200)
		if !strings.HasSuffix(a.body, `"targets":`+want+"}") {
			t.Errorf("%s: %s, want %s", tags, a.body, want)
		}
	}
}

func TestStatsOfAJobAreExactOverWhatIsKept(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	none := `{"p50":null,"p95":null,"max":null}`
	s.get("/v1/jobs/a/stats").want(200).wantBody(`{"executions":0,"stopped":0,"success_rate":null,"duration_ms":` + none + `,"lateness_ms":` + none + `,"since":null}`)
	s.ran("a", noon, dkron.Execution{Outcome: dkron.Success}, dkron.Execution{Outcome: dkron.Failed}, dkron.Execution{Outcome: dkron.Success}, dkron.Execution{Outcome: dkron.Lost})
	s.get("/v1/jobs/a/stats").want(200).wantBody(`{"executions":4,"stopped":0,"success_rate":0.5,"duration_ms":{"p50":995,"p95":995,"max":995},` +
		`"lateness_ms":{"p50":5,"p95":5,"max":5},"since":"2026-11-23T12:00:00.005Z"}`)
	s.do("HEAD", "/v1/jobs/a/stats", "").want(200)
	if _, err := request.Do(context.Background(), s, &request.ClearExecutions{Job: "a"}); err != nil {
		t.Fatal(err)
	}
	if a := s.get("/v1/jobs/a/stats"); !strings.HasPrefix(a.body, `{"executions":0,"stopped":0,"success_rate":null`) {
		t.Error(a.body)
	}
	s.get("/v1/jobs/none/stats").want(404).wantBody("")
}
