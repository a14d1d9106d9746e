package access

import (
	"regexp"
	"strings"
	"testing"

	"dkron/internal/request"
)

// Rules are written by managers, paths by anybody.
func FuzzPolicy(f *testing.F) {
	f.Add(`{"path":{"/v1/jobs/a*":{"capabilities":["read"]}},"rules":[{"prefix":"a","verbs":["write"]}]}`, "GET", "/v1/jobs/ab")
	f.Add(`{"rules":[{"owner":"x","metadata":{"a":"b"},"verbs":["run","stop"]}]}`, "POST", "/v1/jobs/%2f")
	f.Add(`{"path":{"/**":{"capabilities":["list","delete"]}}}`, "HEAD", "/")
	f.Add(`{"path":{"/`+strings.Repeat("*a", 30)+`b":{"capabilities":["read"]}}}`, "GET", "/"+strings.Repeat("a", 60))
	f.Add(`{} {}`, "", "")
	f.Fuzz(func(t *testing.T, rules, method, path string) {
		d, err := Parse(rules)
		if err != nil {
			if d != nil {
				t.Error("a policy comes with an error")
			}
			return
		}
		r := new(Rights)
		r.add(d)
		if r.Path(method, path) && len(d.Paths) == 0 {
			t.Errorf("%s %s is allowed by no rule", method, path)
		}
		for _, verb := range verbs {
			r.pathFor(verb)
			if r.May(verb, nil) && !r.Some(verb) {
				t.Errorf("%s is allowed with all jobs and with none", verb)
			}
			if r.May(verb, &Job{Name: path}) && !r.May(request.Read, &Job{Name: path}) {
				t.Errorf("%s is allowed and reading is not", verb)
			}
		}
	})
}

func FuzzPathPattern(f *testing.F) {
	for _, s := range [][2]string{{"a*b*c", "axbyc"}, {"*", ""}, {"a*a", "a"}, {"**x", "xx"}, {"*ab*ab", "abab"}, {"a", "b"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		like, err := regexp.Compile("(?s)^" + strings.Join(parts, ".*") + "$")
		if err != nil || strings.ToValidUTF8(pattern+text, "") != pattern+text {
			return
		}
		if got := matchSegment(pattern, text); got != like.MatchString(text) {
			t.Errorf("%q matches %q: %t", pattern, text, got)
		}
	})
}

func TestAPatternWithManyStarsIsComparedAtOnce(t *testing.T) {
	if matchSegment(strings.Repeat("*a", 40)+"b", strings.Repeat("a", 200)) { // trying each place for each star would take for ever
		t.Error("it matches")
	}
}
