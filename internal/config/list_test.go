package config_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"dkron/internal/config"

	"github.com/spf13/pflag"
)

func newFlags(t testing.TB, args []string) *pflag.FlagSet {
	t.Helper()
	set := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	config.AddFlags(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return set
}

const (
	k8s    = `provider=k8s label_selector="app=dkron,component=server"`
	awsTag = `provider=aws tag_key=a tag_value=b,c`
)

func TestListsAreSplitByTheirSource(t *testing.T) {
	join := func(c *config.Config) []string { return c.Join }
	retry := func(c *config.Config) []string { return c.RetryJoin }
	headers := func(c *config.Config) []string { return c.WebhookHeaders }
	for name, tc := range map[string]struct {
		in   input
		get  func(*config.Config) []string
		want []string
	}{
		"flag commas and occurrences": {args("--join=a,b", "--join", "c"), join, []string{"a", "b", "c"}},
		"flag CSV quotes":             {args(`--join="a,b",c`), join, []string{"a,b", "c"}},
		"flag empty":                  {args("--join="), join, nil},
		"env commas":                  {env("DKRON_JOIN=a, b,,c"), join, []string{"a", "b", "c"}},
		"file text":                   {file("yml", "join: a,b"), join, []string{"a", "b"}},
		"file list as it is":          {file("yml", `join: ["a,b", c]`), join, []string{"a,b", "c"}},
		"the higher list replaces":    {input{args: []string{"--join=x"}, env: []string{"DKRON_JOIN=y"}}, join, []string{"x"}},
		"template":                    {args(`--join={{ GetPrivateInterfaces | sort "type,address" }},b`), join, []string{`{{ GetPrivateInterfaces | sort "type,address" }}`, "b"}},

		"retry plain":            {args("--retry-join=a,b"), retry, []string{"a", "b"}},
		"retry provider":         {args("--retry-join=" + k8s), retry, []string{k8s}},
		"retry provider env":     {env("DKRON_RETRY_JOIN=" + k8s), retry, []string{k8s}},
		"retry provider file":    {file("json", `{"retry-join": "`+strings.ReplaceAll(k8s, `"`, `\"`)+`"}`), retry, []string{k8s}},
		"retry bare comma":       {args("--retry-join=" + awsTag), retry, []string{awsTag}},
		"retry two providers":    {env("DKRON_RETRY_JOIN=" + awsTag + "," + k8s), retry, []string{awsTag, k8s}},
		"retry mixed":            {env("DKRON_RETRY_JOIN=10.0.0.1," + awsTag + ",10.0.0.2,h:8946"), retry, []string{"10.0.0.1", awsTag, "10.0.0.2", "h:8946"}},
		"retry CSV as it was":    {args(`--retry-join="provider=k8s label_selector=""a=b,c=d""",e`), retry, []string{`provider=k8s label_selector="a=b,c=d"`, "e"}},
		"retry unclosed quote":   {args(`--retry-join=provider=x a="b,c`), retry, []string{`provider=x a="b,c`}},
		"retry escaped quote":    {args(`--retry-join=provider=x a="b\",provider=c"`), retry, []string{`provider=x a="b\",provider=c"`}},
		"retry provider trailer": {env("DKRON_RETRY_JOIN=" + awsTag + `,{{ GetPrivateIP }}`), retry, []string{awsTag, "{{ GetPrivateIP }}"}},

		"header with comma": {args("--webhook-headers=Accept: text/html, text/plain"), headers, []string{"Accept: text/html, text/plain"}},
		"headers env":       {env("DKRON_WEBHOOK_HEADERS=A: b,C: d"), headers, []string{"A: b", "C: d"}},
		"header with URL":   {args("--webhook-headers=Link: a,http://b"), headers, []string{"Link: a,http://b"}},
		"header date":       {args("--webhook-headers=Date: Mon, 02 Jan 2006 15:04:05"), headers, []string{"Date: Mon, 02 Jan 2006 15:04:05"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := tc.in.mustLoad(t)
			if got := tc.get(c); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// Splitting loses nothing but commas, spaces and quotes, and makes no empty or untrimmed element.
func FuzzSplitList(f *testing.F) {
	for _, seed := range []string{"", "a,b", `"a,b",c`, k8s, awsTag + ",1.2.3.4", "A: b,C: d", `a="`, "{{ x | y \"1,2\" }},z",
		"{{", ",,", " a , b", "provider=", `"a""b"`} {
		f.Add(seed)
	}
	residue := func(text string) string {
		return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '"' || unicode.IsSpace(r) }), "")
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := config.Load(nil, []string{
			"DKRON_JOIN=" + text, "DKRON_RETRY_JOIN=" + text, "DKRON_WEBHOOK_HEADERS=" + text,
		}, input{}.read)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range [][]string{c.Join, c.RetryJoin, c.WebhookHeaders} {
			for _, element := range list {
				if element == "" || strings.TrimSpace(element) != element {
					t.Errorf("%q has the element %q", text, element)
				}
			}
			if got := residue(strings.Join(list, ",")); got != residue(text) {
				t.Errorf("%q became %q", text, list)
			}
		}
	})
}
