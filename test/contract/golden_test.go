package contract

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// volatile is what differs from run to run, and its placeholder in a golden file. The order matters. In addition, the
// test's prefix of job names becomes <test>, and the names of nodes <node>.
var volatile = []struct {
	pattern     *regexp.Regexp
	placeholder string
}{
	{regexp.MustCompile(`0001-01-01T00:00:00Z`), "<no time>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "<time>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d`), "<time in zone>"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`\b\d{19}\b`), "<group>"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:<port>"},
	{regexp.MustCompile(`("(?:Port|port)": "?)\d+`), "$1<port>"},
	{regexp.MustCompile(`("lateness_ms": )-?\d+`), "$1<milliseconds>"},
	{regexp.MustCompile(`("version": )"[^"]*"`), `$1"<version>"`},
	{regexp.MustCompile(`("(?:event_queue|event_time|failed|health_score|intent_queue|left|member_time|query_queue|query_time|coordinate_resets|members)": )"\d+"`), `$1"<number>"`},
}

// The keys of the contract. A server may add others, which are not in golden files.
var (
	jobKeys = strings.Fields(`id name displayname timezone schedule owner owner_email success_count error_count last_success
		last_error disabled tags metadata retries dependent_jobs parent_job processors concurrency executor executor_config
		status next ephemeral starts_at expires_at`)
	executionKeys = strings.Fields(`id job_name started_at finished_at success output node_name group attempt output_truncated`)
	memberKeys    = strings.Fields(`Name Addr Port Tags Status ProtocolMin ProtocolMax ProtocolCur DelegateMin DelegateMax
		DelegateCur id statusText`)
)

// only keeps some keys of an object, or of each object of an array.
func only(v any, keys []string) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = only(v[i], keys)
		}
	case map[string]any:
		for k := range v {
			if !slices.Contains(keys, k) {
				delete(v, k)
			}
		}
	}
	return v
}

// golden compares the body, as indented JSON with sorted keys, with testdata/<name>.golden. If keys are given, only
// those are compared.
func (a *answer) golden(name string, keys ...string) *answer {
	a.s.t.Helper()
	var v any
	a.decode(&v)
	if len(keys) > 0 {
		v = only(v, keys)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		a.s.t.Fatal(err)
	}
	got := a.s.stable(out.String())
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			a.s.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		a.s.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		a.fail("differs from %s (-want +got):\n%s", file, diff)
	}
	return a
}

// stable replaces what differs from run to run by placeholders.
func (s *site) stable(text string) string {
	text = strings.ReplaceAll(text, s.prefix, "<test>")
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.placeholder)
	}
	for _, n := range world.nodes {
		text = strings.ReplaceAll(text, `"`+n+`"`, `"<node>"`)
		text = strings.ReplaceAll(text, `-`+n+`"`, `-<node>"`)
	}
	return text
}
