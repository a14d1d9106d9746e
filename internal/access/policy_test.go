package access

import (
	"strings"
	"testing"

	"dkron/internal/request"
)

func TestBadRulesAreRefusedByName(t *testing.T) {
	for rules, want := range map[string]string{
		``:                   "JSON object",
		`[]`:                 "JSON object",
		`{"jobs":{}}`:        `"jobs"`,
		`{} {}`:              "one JSON object",
		`{"path":{"v1":{}}}`: `path "v1" must begin with /`,
		`{"path":{"/v1":{"capabilities":["sudo"]}}}`:         `"sudo"; use create, read, update, delete or list`,
		`{"rules":[{"prefix":"a"}]}`:                         "rules[0].verbs is missing",
		`{"rules":[{"verbs":["read"]},{"verbs":["stopp"]}]}`: `rules[1].verbs has "stopp"`,
		`{"rules":[{"prefix":"a","verbs":["admin"]}]}`:       "admin, which concerns all jobs",
		`{"rules":[{"verbs":["manage"]}]}`:                   `"manage"`,
	} {
		if _, err := Parse(rules); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v lacks %s", rules, err, want)
		}
	}
	for _, name := range BuiltinNames() {
		rules, _ := Builtin(name)
		if _, err := Parse(rules); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func rightsOf(t *testing.T, rules string) *Rights {
	t.Helper()
	d, err := Parse(rules)
	if err != nil {
		t.Fatal(err)
	}
	r := new(Rights)
	r.add(d)
	return r
}

func TestARuleIsForTheJobsThatHaveAllThatItNames(t *testing.T) {
	r := rightsOf(t, `{"rules":[{"prefix":"pay-","owner":"ann","metadata":{"team":"x","env":""},"verbs":["run"]}]}`)
	has := func(key, value string) bool { return key == "team" && value == "x" || key == "env" && value == "" }
	for name, c := range map[string]struct {
		job *Job
		may bool
	}{
		"all of it":      {&Job{"pay-1", "ann", has}, true},
		"another name":   {&Job{"xpay-1", "ann", has}, false},
		"another owner":  {&Job{"pay-1", "bob", has}, false},
		"no owner":       {&Job{"pay-1", "", has}, false},
		"other metadata": {&Job{"pay-1", "ann", func(string, string) bool { return false }}, false},
		"only its name":  {&Job{Name: "pay-1"}, false},
		"all jobs":       {nil, false},
	} {
		if r.May(request.Run, c.job) != c.may || r.May(request.Read, c.job) != c.may || r.May(request.Write, c.job) {
			t.Errorf("%s: run %t, read %t, write %t", name, r.May(request.Run, c.job), r.May(request.Read, c.job), r.May(request.Write, c.job))
		}
	}
	if !r.Some(request.Run) || r.Some(request.Write) {
		t.Error("Some")
	}
}

func TestPathsMatchBySegments(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		match         bool
	}{
		{"/v1/jobs", "/v1/jobs", true},
		{"/v1/jobs", "/v1/jobs/", false},
		{"/v1/jobs/*", "/v1/jobs", false},
		{"/v1/jobs/*", "/v1/jobs/a", true},
		{"/v1/jobs/*", "/v1/jobs/a/run", false},
		{"/v1/jobs/pay-*", "/v1/jobs/pay-1", true},
		{"/v1/jobs/pay-*", "/v1/jobs/pa%79-1", true},
		{"/v1/jobs/pay-*", "/v1/jobs/xpay-1", false},
		{"/v1/jobs/*", "/v1/jobs/a%2Frun", true}, // it is one segment, and no job has such a name
		{"/v1/jobs/*/executions*", "/v1/jobs/a/executions", true},
		{"/v1/**", "/v1/jobs/a/run", true},
		{"/v1/**", "/v1", false},
		{"/**", "/metrics", true},
		{"/v1/*x*y", "/v1/axbyzy", true},
		{"/v1/*x*y", "/v1/axbyz", false},
	} {
		if match(c.pattern, c.path) != c.match {
			t.Errorf("%s matches %s: %t", c.pattern, c.path, !c.match)
		}
	}
	r := rightsOf(t, `{"path":{"/v1/jobs":{"capabilities":["list","create"]}}}`)
	for method, may := range map[string]bool{"GET": true, "HEAD": true, "POST": true, "PATCH": false, "PUT": false, "DELETE": false} {
		if r.Path(method, "/v1/jobs") != may {
			t.Errorf("%s: %t", method, !may)
		}
	}
}
