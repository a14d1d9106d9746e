package jobfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

// faults returns what is wrong, as "name line:column text".
func faults(items []Item) (list []string) {
	for _, i := range items {
		for _, f := range i.Faults {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %d:%d %s", i.Name, f.Line, f.Column, f.Text)))
		}
	}
	return list
}

func names(items []Item) (list []string) {
	for _, i := range items {
		var job struct{ Name string }
		if json.Unmarshal(i.Raw, &job) == nil {
			list = append(list, job.Name)
		}
	}
	return list
}

func TestWhatIsWrongWithOneJobDoesNotHideTheOthers(t *testing.T) {
	for _, c := range []struct{ name, text, good, wrong string }{
		{"yaml: indentation", "- name: a\n  schedule: x\n- name: b\n   schedule: y\n- name: c\n", "a c", "b 4:12 not valid YAML: a key can't be here"},
		{"yaml: less indentation", "- name: a\n  tags:\n    x: y\n   schedule: y\n- name: c\n", "c", "a 4:4 not valid YAML: the indentation differs"},
		{"yaml: several", "- name: a\n  schedule: @daily\n- name: b\n- name: c\n  owner: \"x\n- name: d\n", "b d",
			"a 2:13 not valid YAML: no value can begin with this character; c 5:10 not valid YAML: a quote that begins here is not closed"},
		{"yaml: a tab", "- name: a\n\tschedule: x\n- name: b\n", "b", "a 2:1 not valid YAML: the indentation must not have tabs"},
		{"yaml: a bracket", "- name: a\n  parents: [{job: x}\n- name: b\n", "b", "a 2:12 not valid YAML: a bracket that begins here is not closed"},
		{"yaml: documents", "name: a\n---\nname: b\nowner: [\n---\n- name: c\n- name: d\n  x: {\n...\n---\nname: e\n", "a c e", "b 4:8 not valid YAML: ; d 8:6 not valid YAML: "},
		{"yaml: a comment between", "# jobs\n- name: a\n\n# two\n- name: b\n  x: 'y\n", "a", "b 6:6 not valid YAML: a quote"},
		{"yaml: a key twice", "- name: a\n  owner: x\n  owner: y\n", "a", "3:3 owner appears twice, on lines 2 and 3"},
		{"yaml: an anchor of another", "- &x\n  name: a\n- *x\n- name: b\n  y: [\n", "a", "b 5:6 not valid YAML: "},
		{"yaml: an unknown anchor", "- name: a\n- name: *b\n", "a", "2:9 not valid YAML: this alias names an anchor"},
		{"yaml: a long alias", "a: &a [x]\nb: &b [*a, *a]\n", "", ""},
		{"yaml: no number", "- name: a\n  retries: .inf\n", "", "2:12 .inf is not a number here"},
		{"yaml: in flow", "[{name: a}, {name: b}]", "a b", ""},
		{"yaml: carriage returns", "- name: a\r\n  owner: x\r\n- name: b\r\n  x: \"\r\n- name: c\r\n", "a c", "b 4:6 not valid YAML: a quote"},
		{"yaml: an umlaut before", "- name: a\n  owner: \"ä\" ö\n- name: b\n", "b", "a 2:14 not valid YAML: "},
		{"json: a comma is missing", "[\n {\"name\":\"a\"\n  \"owner\":\"x\"},\n {\"name\":\"b\"}\n]", "b", "a 3:3 not valid JSON: invalid character '\"' after object key:value pair; a comma is missing before it"},
		{"json: several", "[{\"name\":\"a\",},\n{\"name\":\"b\"},\n{\"name\":\"c\",\"x\":tru},\n{\"name\":\"d\"}]", "b d", "a 1:14 not valid JSON: ; c 3:20 not valid JSON: "},
		{"json: a comma between jobs", "[{\"name\":\"a\"}\n{\"name\":\"b\"}]", "a b", "2:1 a comma is missing before this"},
		{"json: a comma at the end", "[{\"name\":\"a\"},\n]", "a", "2:1 a comma is before the ]"},
		{"json: two commas", "[{\"name\":\"a\"},\n,{\"name\":\"b\"}]", "a b", "2:1 a job is missing before this comma"},
		{"json: not closed", "[{\"name\":\"a\"},\n{\"name\":\"b\"}\n", "a b", "3:1 the list of jobs is not closed"},
		{"json: a bracket", "[\n  {\"name\":\"a\",\"tags\":{\n  },\n  {\"name\":\"b\"}\n]", "b", "a 2:3 not valid JSON: a bracket or quote that begins here or later is not closed"},
		{"json: a quote", "[\n  {\"name\":\"a\",\"owner\":\"x},\n  {\"name\":\"b\"}\n]", "b", "a 2:27 not valid JSON: the text in quotes does not end on its line"},
		{"json: a key twice", "[{\"name\":\"a\",\n\"owner\":\"x\",\"owner\":\"y\"}]", "a", "2:13 owner appears twice, on lines 2 and 2; the last one counts"},
		{"json: one job", "\n {\"name\":\"a\"}\n", "a", ""},
		{"json: more after it", "[{\"name\":\"a\"}]\n]", "a", "2:1 the list of jobs or the job ends before this"},
		{"json: nothing but a bracket", "[", "", "1:2 the list of jobs is not closed"},
		{"nothing", "", "", ""}, {"only a comment", "# x\n", "", ""}, {"json: none", " [ ]", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			items := Text([]byte(c.text))
			if got := strings.TrimSpace(strings.Join(names(items), " ")); got != c.good {
				t.Errorf("good are %q, want %q", got, c.good)
			}
			got, want := faults(items), strings.Split(c.wrong, "; ")
			if c.wrong == "" {
				want = nil
			}
			if strings.Contains(c.wrong, "; a comma") || strings.Contains(c.wrong, "; the last") {
				want = []string{c.wrong}
			}
			if !slices.EqualFunc(got, want, strings.HasPrefix) {
				t.Errorf("wrong are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestEachPartOfAJobIsFound(t *testing.T) {
	yamlText := "# x\n---\nname: first\n---\n- name: a\n  Schedule: x\n  parents:\n  - job: b\n    on: always\n  executor_config:\n    a.b: c\n"
	jsonText := "[\n{\"name\": \"first\"},\n{\"name\": \"a\",\n \"Schedule\":\"x\", \"parents\": [{\"job\":\"b\",\n  \"on\" : \"always\"}], \"executor_config\": {\n \"a.b\" : 1}}]"
	for field, want := range map[string][2]Place{
		"":                      {{5, 3}, {3, 1}},
		"name":                  {{5, 3}, {3, 2}},
		"schedule":              {{6, 3}, {4, 2}},
		"nothing":               {{5, 3}, {3, 1}},
		"parents":               {{7, 3}, {4, 18}},
		"parents[0]":            {{8, 5}, {4, 30}},
		"parents[0].on":         {{9, 5}, {5, 3}},
		"parents[1].on":         {{7, 3}, {4, 18}},
		"executor_config.a.b":   {{11, 5}, {6, 2}},
		"executor_config.other": {{10, 3}, {5, 22}},
	} {
		for i, text := range []string{yamlText, jsonText} {
			items := Text([]byte(text))
			if len(items) != 2 {
				t.Fatalf("%d items of %s", len(items), text)
			}
			if got := items[1].Find(field); got != want[i] {
				t.Errorf("%q of text %d is at %v, want %v", field, i, got, want[i])
			}
		}
	}
}

func TestValuesOfYAMLAreWhatTheySay(t *testing.T) {
	text := "name: 2026-11-29\na: yes\nb: true\nc: 3\nd: 0x10\ne: ~\nf: 1.5\ng: \"7\"\nh: |\n  x\n  y\ni: {}\nj: [1, a]\nk: 2026-11-29T08:00:00Z\n"
	want := `{"name":"2026-11-29","a":"yes","b":true,"c":3,"d":16,"e":null,"f":1.5,"g":"7","h":"x\ny\n","i":{},"j":[1,"a"],"k":"2026-11-29T08:00:00Z"}`
	if items := Text([]byte(text)); string(items[0].Raw) != want {
		t.Errorf("got %s\nwant %s", items[0].Raw, want)
	}
}

func TestAnEnormousAliasIsRefused(t *testing.T) {
	text := "a0: &a0 [xxxxxxxxxx]\n"
	for i := range 30 {
		text += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i)
	}
	for _, text := range []string{text, "a: &a [*a]\n"} {
		if got := faults(Text([]byte(text))); len(got) != 1 || !strings.Contains(got[0], "too large or too deep") && !strings.Contains(got[0], "anchor") {
			t.Errorf("%q", got)
		}
	}
}

func TestOnlyAnArrayIsReadAsJSON(t *testing.T) {
	for _, text := range []string{"", "{}", "{", "x", "- name: a"} {
		if _, err := JSON([]byte(text)); !errors.Is(err, ErrNoList) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := JSON([]byte("[] []")); err == nil {
		t.Error("more after the array is no error")
	}
}

func TestAnArrayHasWhatCanBeReadOrSaysWhereItCanNot(t *testing.T) {
	for text, want := range map[string]string{
		"- name: a\n---\nname: b\n": `[{"name":"a"},{"name":"b"}]`, "": "[]",
		"- name: a\n- name: @\n":    "line 2, column 9: not valid YAML",
		`[{"name":"a","name":"b"}]`: `[{"name":"a","name":"b"}]`,
	} {
		got, err := Array(Text([]byte(text)))
		if err != nil {
			got = []byte(err.Error())
		}
		if !strings.HasPrefix(string(got), want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// Whatever is done to the text of one job: those before it and, in YAML, all others are read as before, nothing panics, and
// each fault is in the text of that job.
func TestABrokenJobLeavesTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 5).Draw(t, "count")
		bad := rapid.IntRange(0, count-1).Draw(t, "bad")
		isYAML := rapid.Bool().Draw(t, "yaml")
		var texts []string
		for i := range count {
			job := []map[string]any{{
				"name": fmt.Sprint("j", i), "owner": rapid.StringMatching(`[a-zäöü][ -~äöü]{0,9}`).Draw(t, "owner"), "retries": i,
				"executor_config": map[string]string{"command": rapid.StringMatching(`[a-z][a-z "':#\n{}\[\]-]{0,20}`).Draw(t, "command")},
			}}
			text, err := yaml.Marshal(job)
			if !isYAML {
				text, err = json.MarshalIndent(job[0], "  ", "  ")
			}
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, strings.TrimRight(string(text), "\n"))
		}
		whole := func() []Item {
			if isYAML {
				return Text([]byte(strings.Join(texts, "\n")))
			}
			return Text([]byte("[\n  " + strings.Join(texts, ",\n  ") + "\n]"))
		}
		before := whole()
		if len(before) != count || faults(before) != nil {
			t.Fatalf("%d items, %q", len(before), faults(before))
		}
		first := before[bad].begins.Line
		lines := strings.Split(texts[bad], "\n")
		at := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		lines[at] += rapid.SampledFrom([]string{"\"", " @", "{", "]", "\t", ": x: y"}).Draw(t, "mistake")
		texts[bad] = strings.Join(lines, "\n")
		after := whole()
		for _, item := range after {
			for _, f := range item.Faults {
				if isYAML && (f.Line < first || f.Line > first+len(lines)) {
					t.Fatalf("the fault of lines %d to %d is on line %d: %s", first, first+len(lines), f.Line, f.Text)
				}
			}
		}
		for i := range before {
			if i == bad || !isYAML && i > bad {
				continue
			}
			if !slices.ContainsFunc(after, func(item Item) bool { return string(item.Raw) == string(before[i].Raw) }) {
				t.Fatalf("job %d is gone: %q", i, faults(after))
			}
		}
	})
}
