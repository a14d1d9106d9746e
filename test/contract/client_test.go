package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	pollEvery = 50 * time.Millisecond
	within    = 60 * time.Second // the limit of every wait; two busy cores are slow
)

// client neither follows redirects nor asks for compression.
var client = &http.Client{
	Timeout:       within,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32},
}

// site is one test at one door.
type site struct {
	t      *testing.T
	door   door
	prefix string // of the test's job names
	hasty  bool   // does not wait for servers to agree
}

var sites atomic.Int64

func newSite(t *testing.T, d door) *site {
	return &site{t: t, door: d, prefix: fmt.Sprintf("t%dx-", sites.Add(1))}
}

// at is a site of the same test at another server.
func (s *site) at(d door) *site { return &site{t: s.t, door: d, prefix: s.prefix} }

// name makes a job's name that no other test uses.
func (s *site) name(n string) string { return s.prefix + n }

// path is the path of a job, with what follows it.
func (s *site) path(n, rest string) string { return "/v1/jobs/" + s.name(n) + rest }

// job is a job as a client sends it.
type job map[string]any

// text is the job as JSON.
func (j job) text() string {
	data, err := json.Marshal(j)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// on returns the job with further fields.
func (j job) with(more job) job {
	out := job{}
	for k, v := range j {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// onAgent are the tags of a job for the one agent.
var onAgent = map[string]string{"pool": "agents"}

// shell is a manual job that runs a command line on the agent.
func shell(command string) job {
	return job{
		"schedule": "@manually", "tags": onAgent, "executor": "shell",
		"executor_config": map[string]string{"command": command, "shell": "true"},
	}
}

// do sends a request. Headers are "Name: value".
func (s *site) do(method, path, body string, headers ...string) *answer {
	s.t.Helper()
	return s.send(method, path, strings.NewReader(body), headers...)
}

func (s *site) send(method, path string, body io.Reader, headers ...string) *answer {
	s.t.Helper()
	if b, ok := body.(*strings.Reader); ok && b.Len() == 0 {
		body = nil
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.door.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	saw(method, req.URL.Path, resp.StatusCode)
	if method != "GET" && method != "HEAD" && resp.StatusCode < 300 {
		s.agree()
	}
	return &answer{s: s, what: method + " " + path, status: resp.StatusCode, header: resp.Header, body: string(data), length: resp.ContentLength}
}

func (s *site) get(path string) *answer        { s.t.Helper(); return s.do("GET", path, "") }
func (s *site) post(path, body string) *answer { s.t.Helper(); return s.do("POST", path, body) }
func (s *site) del(path string) *answer        { s.t.Helper(); return s.do("DELETE", path, "") }

// create stores a job and requires success. A job without schedule or parent becomes @manually. A job with @every is
// deleted when the test ends.
func (s *site) create(n string, fields job) *answer {
	s.t.Helper()
	j := fields.with(job{"name": s.name(n)})
	if j["schedule"] == nil && j["parent_job"] == nil {
		j["schedule"] = "@manually"
	}
	if schedule, ok := j["schedule"].(string); ok && strings.HasPrefix(schedule, "@every") {
		s.t.Cleanup(func() { s.forget(n) })
	}
	return s.post("/v1/jobs", j.text()).want(201)
}

// forget deletes a job and ignores the result.
func (s *site) forget(n string) {
	req, err := http.NewRequest("DELETE", s.door.url+s.path(n, ""), nil)
	if err != nil {
		return
	}
	if resp, err := client.Do(req); err == nil {
		resp.Body.Close()
	}
}

// run starts a manual run of a job.
func (s *site) run(n string) *answer {
	s.t.Helper()
	return s.post(s.path(n, "/run"), "").wantRun()
}

// until waits for a condition.
func (s *site) until(what string, condition func() bool) {
	s.t.Helper()
	for began := time.Now(); !condition(); time.Sleep(pollEvery) {
		if time.Since(began) > within {
			s.t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// agree waits until all servers show the same of the test's jobs. It is for the agent, which asks any of them.
func (s *site) agree() {
	s.t.Helper()
	if s.door.kind != "agent" || s.hasty {
		return
	}
	s.until("the servers agree", func() bool {
		first := ""
		for i, url := range world.servers {
			resp, err := client.Get(url + "/v1/jobs?q=" + s.prefix)
			if err != nil {
				s.t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil {
				s.t.Fatal(err)
			}
			if i == 0 {
				first = string(body)
			}
			if string(body) != first {
				return false
			}
		}
		return true
	})
}

// jobView is a job as the API shows it.
type jobView struct {
	Name          string     `json:"name"`
	Schedule      string     `json:"schedule"`
	SuccessCount  int        `json:"success_count"`
	ErrorCount    int        `json:"error_count"`
	LastSuccess   *time.Time `json:"last_success"`
	LastError     *time.Time `json:"last_error"`
	Disabled      bool       `json:"disabled"`
	DependentJobs []string   `json:"dependent_jobs"`
	Status        string     `json:"status"`
	Next          time.Time  `json:"next"`
	StartsAt      *time.Time `json:"starts_at"`
	Revision      int        `json:"revision"`
}

// executionView is an execution as the API shows it.
type executionView struct {
	ID              string    `json:"id"`
	JobName         string    `json:"job_name"`
	StartedAt       time.Time `json:"started_at"`
	FinishedAt      time.Time `json:"finished_at"`
	Success         bool      `json:"success"`
	Output          string    `json:"output"`
	NodeName        string    `json:"node_name"`
	Group           int64     `json:"group"`
	Attempt         int       `json:"attempt"`
	OutputTruncated *bool     `json:"output_truncated"`
}

// surveyView is the cluster as the API shows it.
type surveyView struct {
	Leader  string     `json:"leader"`
	Term    int        `json:"term"`
	Agents  agentsView `json:"agents"`
	Servers []struct {
		Name         string `json:"name"`
		Address      string `json:"address"`
		HTTPAddress  string `json:"http_address"`
		Version      string `json:"version"`
		Voter        bool   `json:"voter"`
		Leader       bool   `json:"leader"`
		Reachable    bool   `json:"reachable"`
		Error        string `json:"error"`
		Term         int    `json:"term"`
		LastIndex    int    `json:"last_index"`
		AppliedIndex int    `json:"applied_index"`
		Lag          *int   `json:"lag"`
		Ready        bool   `json:"ready"`
		Reason       string `json:"reason"`
	} `json:"servers"`
}

type agentsView struct{ Alive, Failed, Left int }

// brief names the servers, and says whether all are ready.
func (v surveyView) brief() string {
	var words []string
	ready := true
	for _, sv := range v.Servers {
		words = append(words, sv.Name)
		ready = ready && sv.Reachable && sv.Ready
	}
	if ready {
		words = append(words, "ready")
	}
	return strings.Join(words, " ")
}

// read returns a job.
func (s *site) read(n string) jobView {
	s.t.Helper()
	var j jobView
	s.get(s.path(n, "")).want(200).decode(&j)
	return j
}

// executions returns a job's history, oldest first.
func (s *site) executions(n string) []executionView {
	s.t.Helper()
	var list []executionView
	s.get(s.path(n, "/executions?_order=ASC")).want(200).decode(&list)
	return list
}

// finished waits for count executions that have ended, with none running, and returns them, oldest first.
func (s *site) finished(n string, count int) []executionView {
	s.t.Helper()
	var list []executionView
	s.until(fmt.Sprintf("%d executions of %s have ended", count, n), func() bool {
		list = s.executions(n)
		for _, e := range list {
			if e.FinishedAt.IsZero() {
				return false
			}
		}
		return len(list) >= count
	})
	s.agree()
	return list
}

// ran runs a job and returns its only execution when it has ended.
func (s *site) ran(n string, fields job) executionView {
	s.t.Helper()
	s.create(n, fields)
	s.run(n)
	return s.finished(n, 1)[0]
}

// answer is a response.
type answer struct {
	s      *site
	what   string
	status int
	header http.Header
	body   string
	length int64 // Content-Length, -1 if there is none
}

func (a *answer) fail(format string, args ...any) {
	a.s.t.Helper()
	a.s.t.Errorf("%s: "+format, append([]any{a.what}, args...)...)
}

func (a *answer) want(status int) *answer {
	a.s.t.Helper()
	if a.status != status {
		a.s.t.Fatalf("%s: status %d, want %d; body %q", a.what, a.status, status, a.body)
	}
	return a
}

// wantRun checks what clients check when they start a job.
func (a *answer) wantRun() *answer {
	a.s.t.Helper()
	if a.status != 200 && a.status != 202 {
		a.s.t.Fatalf("%s: status %d, want 200 or 202; body %q", a.what, a.status, a.body)
	}
	return a
}

func (a *answer) wantHeader(name, value string) *answer {
	a.s.t.Helper()
	if got := a.header.Get(name); got != value {
		a.fail("%s is %q, want %q", name, got, value)
	}
	return a
}

func (a *answer) wantBody(body string) *answer {
	a.s.t.Helper()
	if a.body != body {
		a.fail("body %q, want %q", a.body, body)
	}
	return a
}

// wantWay requires a redirect to a path, as clients resolve it: behind a proxy that strips a prefix only a relative
// reference works.
func (a *answer) wantWay(to string) *answer {
	a.s.t.Helper()
	from, err := url.Parse(a.s.door.url + strings.Fields(a.what)[1])
	if err != nil {
		a.s.t.Fatal(err)
	}
	got, err := from.Parse(a.header.Get("Location"))
	if err != nil || got.String() != a.s.door.url+to {
		a.fail("Location %q leads to %v, %v; want %s", a.header.Get("Location"), got, err, to)
	}
	return a
}

// wantEmpty requires an empty body and no header that describes one.
func (a *answer) wantEmpty(status int) *answer {
	a.s.t.Helper()
	a.want(status).wantBody("").wantHeader("Content-Type", "")
	if a.length != 0 {
		a.fail("Content-Length is %d, want 0", a.length)
	}
	return a
}

// wantPage requires the page for unknown paths.
func (a *answer) wantPage() *answer {
	a.s.t.Helper()
	return a.want(404).wantBody("404 page not found").wantHeader("Content-Type", "text/plain").wantHeader("X-Whom", "")
}

// wantText requires an error of one line that starts with text.
func (a *answer) wantText(status int, prefix string) *answer {
	a.s.t.Helper()
	a.want(status).wantHeader("Content-Type", "text/plain; charset=utf-8")
	if !strings.HasPrefix(a.body, prefix) || strings.Contains(a.body, "\n") || a.body == "" {
		a.fail("body %q, want one line that begins with %q", a.body, prefix)
	}
	return a
}

func (a *answer) wantJSON() *answer {
	a.s.t.Helper()
	return a.wantHeader("Content-Type", "application/json; charset=utf-8")
}

// decode decodes the body. Numbers stay as they were sent.
func (a *answer) decode(v any) {
	a.s.t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(a.body)))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		a.s.t.Fatalf("%s: %v in %q", a.what, err, a.body)
	}
}

func (a *answer) object() map[string]any {
	a.s.t.Helper()
	var m map[string]any
	a.decode(&m)
	return m
}

func (a *answer) list() []map[string]any {
	a.s.t.Helper()
	a.want(200).wantJSON()
	if strings.HasPrefix(a.body, "null") {
		a.fail("the list is null")
	}
	var list []map[string]any
	a.decode(&list)
	return list
}

// field returns one field of the body.
func (a *answer) field(name string) any {
	a.s.t.Helper()
	v, ok := a.object()[name]
	if !ok {
		a.fail("there is no %s in %s", name, a.body)
	}
	return v
}

// names returns the names in a list of jobs, without the test's prefix, joined by spaces, and checks the total.
func (a *answer) names(total int) string {
	a.s.t.Helper()
	var names []string
	for _, m := range a.list() {
		names = append(names, strings.TrimPrefix(fmt.Sprint(m["name"]), a.s.prefix))
	}
	a.wantHeader("X-Total-Count", strconv.Itoa(total))
	return strings.Join(names, " ")
}
