package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const (
	pollEvery = 50 * time.Millisecond
	within    = 30 * time.Second
)

var client = &http.Client{
	Timeout:       within,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// answer is the last answer that a script received.
type answer struct {
	status int
	header http.Header
	body   []byte
}

type lastKey struct{}

func last(ts *testscript.TestScript) *answer {
	a, _ := ts.Value(lastKey{}).(*answer)
	if a.status == 0 {
		ts.Fatalf("there was no request yet")
	}
	return a
}

func want(ts *testscript.TestScript, neg bool, args []string, n int, usage string) {
	if neg || len(args) != n {
		ts.Fatalf("usage: %s", usage)
	}
}

func call(method, url string, body []byte) (*answer, error) {
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return &answer{resp.StatusCode, resp.Header, data}, err
}

func request(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: http METHOD URL [BODY | @FILE]")
	}
	var body []byte
	if len(args) == 3 {
		if file, ok := strings.CutPrefix(args[2], "@"); ok {
			body = []byte(ts.ReadFile(file))
		} else {
			body = []byte(args[2])
		}
	}
	a, err := call(args[0], args[1], body)
	ts.Check(err)
	*ts.Value(lastKey{}).(*answer) = *a
	ts.Logf("%d", a.status)
	_, err = ts.Stdout().Write(a.body)
	ts.Check(err)
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "status CODE")
	if a := last(ts); strconv.Itoa(a.status) != args[0] {
		ts.Fatalf("status is %d, want %s; body %q", a.status, args[0], a.body)
	}
}

func header(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "header NAME REGEXP")
	got := last(ts).header.Get(args[0])
	if ok, err := regexp.MatchString(args[1], got); err != nil || !ok {
		ts.Fatalf("%s is %q, want %s (%v)", args[0], got, args[1], err)
	}
}

func value(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, false, args, 2, "[!] json PATH VALUE")
	got, err := find(last(ts).body, args[0])
	ts.Check(err)
	if matches(got, args[1]) == neg {
		ts.Fatalf("%s is %s, want %s (%v); body %s", args[0], got, args[1], !neg, last(ts).body)
	}
}

func save(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "save NAME PATH")
	got, err := find(last(ts).body, args[1])
	ts.Check(err)
	ts.Setenv(args[0], got)
}

func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "waitfor URL PATH VALUE")
	seen := "nothing"
	for began := time.Now(); time.Since(began) < within; time.Sleep(pollEvery) {
		a, err := call(http.MethodGet, args[0], nil)
		if err != nil {
			seen = err.Error()
			continue
		}
		got, err := find(a.body, args[1])
		if err == nil && matches(got, args[2]) {
			*ts.Value(lastKey{}).(*answer) = *a
			return
		}
		seen = fmt.Sprintf("%q, %v; %d %s", got, err, a.status, a.body)
	}
	ts.Fatalf("not within %v: %s is %s; last was %s", within, args[1], args[2], seen)
}

// ready waits until a job runs. That a server reports ready is not enough: it leads a moment before its nodes take
// orders.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "ready URL")
	const probe = `{"name":"ready","schedule":"@manually","executor":"shell","executor_config":{"command":"true"}}`
	steps := []struct {
		method, path, body string
		status             int
	}{{"GET", "/ready", "", 200}, {"POST", "/v1/jobs", probe, 201}, {"POST", "/v1/jobs/ready/run", "", 200}, {"DELETE", "/v1/jobs/ready", "", 200}}
	began := time.Now()
	for len(steps) > 0 {
		s := steps[0]
		a, err := call(s.method, args[0]+s.path, []byte(s.body))
		if err == nil && a.status == s.status {
			steps = steps[1:]
			continue
		}
		seen := fmt.Sprint(err)
		if err == nil {
			seen = fmt.Sprintf("%d %s", a.status, a.body)
		}
		if time.Since(began) > within {
			ts.Fatalf("not within %v: %s %s answers %d; last was %s", within, s.method, s.path, s.status, seen)
		}
		time.Sleep(pollEvery)
	}
}

// matches compares with a text, or with a regular expression between slashes.
func matches(got, want string) bool {
	if len(want) > 1 && want[0] == '/' && want[len(want)-1] == '/' {
		ok, err := regexp.MatchString(want[1:len(want)-1], got)
		return ok && err == nil
	}
	return got == want
}

var step = regexp.MustCompile(`\.?([^.\[\]]+)|\[(\d+)\]`)

// find returns the value at a path: a string without quotes, else as JSON.
func find(body []byte, path string) (string, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "", fmt.Errorf("%w in %q", err, body)
	}
	for _, m := range step.FindAllStringSubmatch(path, -1) {
		switch at := v.(type) {
		case []any:
			if m[1] == "length" {
				v = len(at)
				continue
			}
			i, err := strconv.Atoi(m[2])
			if err != nil || i >= len(at) {
				return "", fmt.Errorf("no %s in an array of %d", m[0], len(at))
			}
			v = at[i]
		case map[string]any:
			next, ok := at[m[1]]
			if !ok {
				return "", fmt.Errorf("no %s", m[0])
			}
			v = next
		default:
			return "", fmt.Errorf("no %s in %v", m[0], v)
		}
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	out, err := json.Marshal(v)
	return string(out), err
}
