package contract

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// result is how an execution ended.
type result struct {
	success bool
	output  string // a regular expression of the whole
}

func (s *site) wantResult(n string, e executionView, want result) {
	s.t.Helper()
	if e.Success != want.success || !regexp.MustCompile(`(?s)\A`+want.output+`\z`).MatchString(e.Output) {
		s.t.Errorf("%s: success %v, output %q; want %v, %q", n, e.Success, e.Output, want.success, want.output)
	}
}

func TestWhatTheShellExecutorDoes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		dir, err := os.MkdirTemp("", "dkron-contract-cwd-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		for n, c := range map[string]struct {
			config job
			want   result
		}{
			"words":         {job{"command": `echo $HOME 'a b'`}, result{true, `\$HOME a b\n`}},
			"shell":         {job{"command": `echo a | tr a b; echo c`, "shell": "t"}, result{true, "b\nc\n"}},
			"not-shell":     {job{"command": `echo a`, "shell": "0"}, result{true, "a\n"}},
			"missing":       {job{}, result{false, `shell: Command missing.*`}},
			"env":           {job{"command": "echo $A $B $ENV_JOB_NAME", "shell": "true", "env": "A=1,B=x=y"}, result{true, "1 x=y " + s.name("env") + "\n"}},
			"cwd":           {job{"command": "pwd", "cwd": dir}, result{true, regexp.QuoteMeta(dir) + "\n"}},
			"payload":       {job{"command": "cat", "payload": "aGVsbG8="}, result{true, "hello"}},
			"bad-payload":   {job{"command": "cat", "payload": "%"}, result{false, `.*illegal base64 data at input byte 0.*`}},
			"no-input":      {job{"command": "cat"}, result{true, ""}},
			"merged":        {job{"command": "echo out; echo err >&2", "shell": "true"}, result{true, "(out\nerr|err\nout)\n"}},
			"status":        {job{"command": "echo out; exit 3", "shell": "true"}, result{false, "exit status 3\nout\n"}},
			"signal":        {job{"command": "kill -TERM $$", "shell": "true"}, result{false, "signal: terminated\n"}},
			"no-program":    {job{"command": "/no/such/bin"}, result{false, "fork/exec /no/such/bin: no such file or directory\n?"}},
			"not-utf8":      {job{"command": `printf 'a\377b'`, "shell": "true"}, result{true, "a\uFFFDb"}},
			"timeout":       {job{"command": "echo out; exec sleep 60", "shell": "true", "timeout": "500ms"}, result{false, `signal: killed\nout\nshell: Job 'echo out; exec sleep 60' execution time exceeding defined timeout 500ms. Job was killed`}},
			"timeout-shell": {job{"command": "sleep 60; true", "shell": "true", "timeout": "500ms"}, result{false, `signal: killed\n.*exceeding defined timeout.*`}}, // the whole group
		} {
			s.create(n, shell("").with(job{"executor_config": c.config}))
			s.run(n)
			s.wantResult(n, s.finished(n, 1)[0], c.want)
		}
	})
}

func TestACommandRunsAsAnotherUserIfTheAgentMay(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		user := job{"command": "id -un", "su": "nobody"}
		e := s.ran("a", shell("").with(job{"executor_config": user}))
		want := result{true, "nobody\n"}
		if os.Getuid() != 0 {
			want = result{false, "fork/exec.*operation not permitted.*"}
		}
		s.wantResult("su", e, want)
		s.wantResult("unknown", s.ran("b", shell("").with(job{"executor_config": job{"command": "true", "su": "no-such-user"}})),
			result{false, ".*no-such-user.*"})
	})
}

func TestOnlyTheEndOfALargeOutputIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		e := s.ran("a", shell(`printf begin; head -c 400000 /dev/zero | tr '\0' x; printf end`))
		if len(e.Output) > 256000 || len(e.Output) < 250000 || !strings.HasSuffix(e.Output, "xend") || !e.Success {
			t.Errorf("%d bytes kept, ending in %q", len(e.Output), e.Output[max(0, len(e.Output)-10):])
		}
	})
}

// Q28
func TestAMemoryLimitKillsAndFailsTheRun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		e := s.ran("a", shell("").with(job{"executor_config": job{"shell": "true", "mem_limit": "20MB",
			"command": `head -c 100000000 /dev/zero | tail -c 100000000 | { read x; }; x=$(head -c 60000000 /dev/zero | tr '\0' x); sleep 60; true`}}))
		if e.Success || !strings.Contains(e.Output, "exceeding defined limit") {
			t.Errorf("%+v", e)
		}
	})
}

func TestExecutorsThatAreNotThereFailTheRun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		e := s.ran("unknown", shell("").with(job{"executor": "no-such"}))
		s.wantResult("unknown", e, result{false, `grpc_agent: Specified executor is not present.*`})
		e = s.ran("empty", shell("").with(job{"executor": ""}))
		if e.Success || e.Output == "" {
			t.Errorf("empty: %+v", e)
		}
		e = s.ran("processor", shell("echo out").with(job{"processors": job{"no-such": job{}}}))
		s.wantResult("processor", e, result{true, "out\n"})
	})
}

// upstream is a web server for the http executor.
func upstream(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 100)
		n, _ := r.Body.Read(body)
		_, _ = w.Write([]byte(r.Method + " " + r.Header.Get("X-Test") + " " + string(body[:n])))
	})
	mux.HandleFunc("/500", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		_, _ = w.Write([]byte("sorry"))
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(within):
		}
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestWhatTheHTTPExecutorDoes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		url := upstream(t)
		for n, c := range map[string]struct {
			config job
			want   result
		}{
			"get":          {job{"method": "GET", "url": url + "/echo"}, result{true, "GET  "}},
			"post":         {job{"method": "POST", "url": url + "/echo", "body": "data", "headers": `["X-Test: v"]`}, result{true, "POST v data"}},
			"colons":       {job{"method": "GET", "url": url + "/echo", "headers": `["X-Test: a:b:c"]`}, result{true, "GET a:b:c "}}, // Q29
			"no-colon":     {job{"method": "GET", "url": url + "/echo", "headers": `["nonsense"]`}, result{false, ".+"}},             // Q29
			"500":          {job{"method": "GET", "url": url + "/500"}, result{true, "sorry"}},
			"expected":     {job{"method": "GET", "url": url + "/500", "expectCode": "200,500"}, result{true, "sorry"}},
			"unexpected":   {job{"method": "GET", "url": url + "/500", "expectCode": "200"}, result{false, "(?s).+sorry"}},
			"body":         {job{"method": "GET", "url": url + "/500", "expectBody": "s.rry"}, result{true, "sorry"}},
			"other-body":   {job{"method": "GET", "url": url + "/500", "expectBody": "glad"}, result{false, "(?s).+sorry"}},
			"blank":        {job{"method": "GET", "url": url + "/echo?a=b c", "expectCode": "200"}, result{true, "GET  "}},
			"unreachable":  {job{"method": "GET", "url": "http://127.0.0.1:1/"}, result{false, ".+"}},
			"timeout":      {job{"method": "GET", "url": url + "/slow", "timeout": "1"}, result{false, ".+"}},
			"bad-timeout":  {job{"method": "GET", "url": url + "/echo", "timeout": "soon"}, result{true, "(?s)Warning:.*GET  .*|GET  .*Warning:.*"}},
			"debug":        {job{"method": "GET", "url": url + "/500", "debug": "true"}, result{true, "(?s).+/500.+sorry"}},
			"after-a-pest": {job{"method": "GET", "url": url + "/500"}, result{true, "sorry"}},
		} {
			e := s.ran(n, shell("").with(job{"executor": "http", "executor_config": c.config}))
			s.wantResult(n, e, c.want)
		}
		s.get("/health").want(200)
	})
}
