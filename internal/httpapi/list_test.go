package httpapi

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

func newListServer(t testing.TB) *server {
	s := newServer(t)
	s.must(func(tx *state.Tx) error {
		jobs := []dkron.Record{
			{Job: dkron.Job{Name: "a", DisplayName: "Zebra", Schedule: "@daily", Metadata: map[string]string{"team": "x", "env": "p"}},
				Progress: dkron.Progress{Status: dkron.StatusSuccess, SuccessCount: 3, LastSuccess: noon, Next: noon.Add(3 * time.Hour)}},
			{Job: dkron.Job{Name: "ab", DisplayName: "apple", Schedule: "@hourly", Metadata: map[string]string{"team": "x"}},
				Progress: dkron.Progress{Status: dkron.StatusFailed, ErrorCount: 2, LastError: noon, Next: noon.Add(time.Hour)}},
			{Job: dkron.Job{Name: "b", DisplayName: "Mango", Schedule: "@at x", Disabled: true}},
			{Job: dkron.Job{Name: "c", Schedule: "@hourly"},
				Progress: dkron.Progress{Status: dkron.StatusPartiallyFailed, SuccessCount: 3, ErrorCount: 1, LastSuccess: noon.Add(-time.Hour), LastError: noon.Add(-time.Hour), Next: noon.Add(2 * time.Hour)}},
		}
		for i := range jobs {
			jobs[i].Job.Number = tx.NewJobNumber()
			if err := tx.PutJob(&jobs[i].Job, &jobs[i].Progress); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

// listCase is a query, how many jobs it matches and the names of those in the answer.
type listCase struct {
	query string
	total int
	want  string
}

func (c listCase) check(t *testing.T, s *server) {
	t.Helper()
	if got := s.get("/v1/jobs?"+c.query).each("name", c.total); got != c.want {
		t.Errorf("%s: %q, want %q", c.query, got, c.want)
	}
}

func TestListFiltersAndCuts(t *testing.T) {
	s := newListServer(t)
	for _, c := range []listCase{
		{"", 4, "a ab b c"},
		{"_order=DESC", 4, "c b ab a"},
		{"_order=desc", 4, "a ab b c"},
		{"_start=1&_end=3", 4, "ab b"},
		{"_start=1&_end=3&_order=DESC&_sort=id", 4, "b ab"},
		{"_start=2", 4, "b c"},
		{"_start=9", 4, ""},
		{"_start=9&_end=12", 4, ""},
		{"_start=9&_order=DESC", 4, ""},
		{"_end=99999999999999999999", 4, "a ab b c"},
		{"_start=x&_end=1", 4, "a"},
		{"_end=x", 4, ""},
		{"_end=0&_sort=next", 4, ""},
		{"q=a", 3, "a ab b"},
		{"q=a&_start=1", 3, "ab b"},
		{"q=A", 0, ""},
		{"q=Ma", 1, "b"},
		{"q=a&_order=DESC&_end=2", 3, "b ab"},
		{"metadata[team]=x", 2, "a ab"},
		{"metadata%5Bteam%5D=x&metadata[env]=p", 1, "a"},
		{"metadata[team]=x&metadata[team]=y", 0, ""},
		{"metadata=x", 4, "a ab b c"},
		{"status=untriggered", 1, "b"},
		{"status=partially_failed", 1, "c"},
		{"status=running", 0, ""},
		{"disabled=true", 1, "b"},
		{"disabled=false&q=b", 2, "a ab"}, // a has it in its display name, Zebra
		{"disabled=1", 0, ""},
		{"tags=x&owner=y&name=z&id=q&_page=3&_perPage=1", 4, "a ab b c"},
	} {
		c.check(t, s)
	}
}

func TestListSorts(t *testing.T) {
	s := newListServer(t)
	for _, c := range []listCase{
		{"_sort=name", 4, "a ab b c"},
		{"_sort=displayname", 4, "c ab b a"},
		{"_sort=schedule", 4, "b a ab c"},
		{"_sort=success_count", 4, "ab b a c"},
		{"_sort=success_count&_order=DESC&_end=1", 4, "c"},
		{"_sort=error_count", 4, "a b c ab"},
		{"_sort=last_success", 4, "c a ab b"},
		{"_sort=last_error", 4, "c ab a b"},
		{"_sort=next", 4, "b ab c a"},
		{"_sort=next&_start=1&_end=2", 4, "ab"},
		{"_sort=next&_nulls=last", 4, "ab c a b"},
		{"_sort=next&_nulls=last&_order=DESC", 4, "a c ab b"},
		{"_sort=next&_nulls=first&_order=DESC", 4, "b a c ab"},
		{"_sort=last_error&_nulls=last&_order=DESC&_end=2", 4, "ab c"},
	} {
		c.check(t, s)
	}
}

func TestBadPagingIsRefusedByName(t *testing.T) {
	s := newListServer(t)
	for _, path := range []string{"/v1/jobs", "/v1/jobs/a/executions", "/v1/jobs/a/launches", "/v1/busy"} {
		s.get(path + "?_start=-1").want(400).wantBody("_start must not be negative, got -1")
		s.get(path + "?_end=-2").want(400).wantBody("_end must not be negative, got -2")
		s.get(path + "?_start=3&_end=2").want(400).wantBody("_start must not be larger than _end, got 3 and 2")
		s.get(path+"?_start=99").each("id", 0+map[bool]int{true: 4}[path == "/v1/jobs"])
	}
	for _, path := range []string{"/v1/jobs", "/v1/jobs/a/executions"} {
		if a := s.get(path + "?_sort=colour").want(400); !strings.HasPrefix(a.body, `_sort by "colour" is not possible, use one of id`) {
			t.Error(a.body)
		}
	}
}

// newFilterServer has jobs that differ in what v4 can't filter by. The first is the parent of two.
func newFilterServer(t testing.TB) *server {
	s := newServer(t)
	s.create(
		`{"name":"extract","displayname":"Nightly Ñandú","schedule":"@daily","owner":"Ops","executor":"shell","tags":{"role":"web:1","dc":"eu"},"metadata":{"team":"Data"}}`,
		`{"name":"load","parent_job":"extract","owner":"ops","executor":"http","tags":{"role":"web"},"metadata":{"stage":"two"}}`,
		`{"name":"mail","parent_job":"extract","owner":"Ops","executor":"shell","ephemeral":true,"metadata":{"team":"data","note":"a\nb"}}`,
		`{"name":"once","schedule":"@hourly","ephemeral":true,"tags":{"":"x","role":""}}`,
	)
	return s
}

func TestListFiltersThatV4DoesNotHave(t *testing.T) {
	s := newFilterServer(t)
	for query, want := range map[string]string{
		"_owner=Ops":                                 "extract mail",
		"_owner=ops":                                 "load",
		"_owner=Op":                                  "",
		"_owner=":                                    "extract load mail once",
		"owner=Ops&name=load":                        "extract load mail once",
		"_executor=shell":                            "extract mail",
		"_executor=shell&_owner=Ops&q=a":             "extract mail",
		"_executor=Shell":                            "",
		"_tag[role]=web:1":                           "extract",
		"_tag[role]=web":                             "load",
		"_tag%5Brole%5D=web:1&_tag[dc]=eu":           "extract",
		"_tag[role]=web&_tag[role]=web:1":            "",
		"_tag[role]=web&_tag[role]=web":              "load",
		"_tag[role]=":                                "once",
		"_tag[none]=":                                "",
		"_tags=x&_tagged[a]=b":                       "extract load mail once",
		"_parent=extract":                            "load mail",
		"_parent=extract&_ephemeral=true":            "mail",
		"_parent=load":                               "",
		"_parent=none":                               "",
		"_ephemeral=true":                            "mail once",
		"_child=true":                                "load mail",
		"_child=false":                               "extract once",
		"_ephemeral=false":                           "extract load",
		"_search=DATA":                               "extract mail",
		"_search=nightly":                            "extract",
		"_search=%C3%B1AND%C3%9A":                    "extract",
		"_search=ops+shell":                          "extract mail",
		"_search=+shell%09%C2%A0data%0A":             "extract mail",
		"_search=ops+shell+ñandú":                    "extract",
		"_search=LOAD":                               "load",
		"_search=stage":                              "",
		"_search=web":                                "",
		"_search=opsshell":                           "",
		"_search=ops%00shell":                        "",
		"_search=":                                   "extract load mail once",
		"_search=%20":                                "extract load mail once",
		"_search=a&_sort=owner":                      "extract mail load",
		"_sort=owner":                                "once extract mail load",
		"_sort=owner&_order=DESC":                    "load mail extract once",
		"_sort=executor&_start=1":                    "load extract mail",
		"_sort=executor&_order=DESC&_start=1&_end=3": "extract load",
		"q=%C3":    "extract",
		"q=%91and": "extract",
	} {
		total := len(strings.Fields(want))
		if strings.Contains(query, "_start") {
			total = 4
		}
		if got := s.get("/v1/jobs?"+strings.ReplaceAll(query, "ñandú", "%C3%B1and%C3%BA")).each("name", total); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestListFollowsChangesOfAJob(t *testing.T) {
	s := newFilterServer(t)
	s.create(`{"name":"load","schedule":"@daily","owner":"New","executor":"","metadata":{"team":"x"},"tags":{"a":"b"}}`)
	for query, want := range map[string]string{
		"_parent=extract": "mail", "_owner=New": "load", "_owner=ops": "", "_search=new": "load", "_search=two": "", "_tag[role]=web": "",
		"_tag[a]=b": "load", "metadata[team]=x": "load",
	} {
		if got := s.get("/v1/jobs?"+query).each("name", len(strings.Fields(want))); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestListIsSortedByLastUpdate(t *testing.T) {
	s := newServer(t)
	s.must(func(tx *state.Tx) error {
		for i, updated := range []time.Time{noon.Add(2), {}, noon.Add(1), noon.Add(-time.Hour), noon.Add(1)} {
			j := &dkron.Job{Name: string(rune('a' + i)), Number: tx.NewJobNumber(), UpdatedAt: updated}
			if err := tx.PutJob(j, new(dkron.Progress)); err != nil {
				return err
			}
		}
		return nil
	})
	if got := s.get("/v1/jobs?_sort=updated_at").each("name", 5); got != "b d c e a" {
		t.Error(got)
	}
	if got := s.get("/v1/jobs?_sort=updated_at&_order=DESC").each("name", 5); got != "a e c d b" {
		t.Error(got)
	}
}

func TestBadFiltersAreRefusedByName(t *testing.T) {
	s := newFilterServer(t)
	for query, want := range map[string]string{
		"_sort=next&_nulls=yes":               `_nulls must be "first" or "last", got "yes"`,
		"_child=yes":                          `_child must be "true" or "false", got "yes"`,
		"_ephemeral=yes":                      `_ephemeral must be "true" or "false", got "yes"`,
		"_ephemeral=true&_ephemeral=true":     `_ephemeral must be given once, got it 2 times`,
		"_owner=a&_owner=b":                   `_owner must be given once, got it 2 times`,
		"_executor=&_executor=&_executor=":    `_executor must be given once, got it 3 times`,
		"_parent=a&_parent=b":                 `_parent must be given once, got it 2 times`,
		"_parent=Not+a+name":                  `_parent must be the name of a job: name contains illegal character 'N'. Use lower-case letters, digits, _ and -`,
		"_tag=x":                              `tags are matched with _tag[KEY]=VALUE, got "_tag"`,
		"_tag[]=x":                            `tags are matched with _tag[KEY]=VALUE, got "_tag[]"`,
		"_tag[role=x":                         `tags are matched with _tag[KEY]=VALUE, got "_tag[role"`,
		"_search=a&_search=b":                 `_search must be given once, got it 2 times`,
		"_search=a+b+c+d+e+f+g+h+i+j+k":       `_search must have at most 10 words, got 11`,
		"_search=" + strings.Repeat("x", 201): `_search must have at most 200 bytes, got 201`,
		"_sort=" + strings.Repeat("next", 1) + "s": `_sort by "nexts" is not possible, use one of id, name, displayname, schedule, success_count, ` +
			`error_count, last_success, last_error, next, owner, executor, updated_at, health`,
	} {
		s.get("/v1/jobs?"+query).want(400).wantHeader("X-Total-Count", "").wantBody(want)
	}
}

func TestListIsReadInPortions(t *testing.T) {
	s := newServer(t)
	const n = 2500
	fillJobs(t, s.store, n)
	for _, query := range []string{"", "?pretty", "?_sort=displayname", "?_order=DESC", "?q=job", "?_search=SHELL&_sort=owner"} {
		names := strings.Fields(s.get("/v1/jobs"+query).each("name", n))
		if slices.Sort(names); len(names) != n || len(slices.Compact(names)) != n {
			t.Errorf("%s: %d names", query, len(names))
		}
	}
}

func TestPretty(t *testing.T) {
	s := newServer(t)
	s.get("/v1/jobs?pretty").want(200).wantBody("[]")
	s.get("/v1/pause?pretty=false").want(200).wantBody("{\n    \"paused\": false\n}")
	s.create(`{"name":"a","schedule":"@hourly","tags":{"x":"y"}}`)
	a := s.get("/v1/jobs?pretty").want(200)
	if !strings.HasPrefix(a.body, "[\n    {\n        \"id\": \"a\",\n") || !strings.HasSuffix(a.body, "\n    }\n]") ||
		!strings.Contains(a.body, "        \"tags\": {\n            \"x\": \"y\"\n        },\n") {
		t.Error(a.body)
	}
}

func FuzzListQuery(f *testing.F) {
	for _, seed := range []string{
		"q=a&_sort=next&_order=DESC&_start=1&_end=2", "metadata[a]=b&metadata[=&metadata]", "status=untriggered&disabled=x", "%zz;a&pretty",
		"_owner=Ops&_executor=shell&_parent=a&_ephemeral=true", "_tag[role]=web:1&_tag[]=&_tag=", "_search=%C3%91+%ff%00+ZEB&_sort=owner&q=%C3",
		"_ephemeral=1", "_parent=A&_parent=b", "_sort=updated_at&_order=DESC&_start=0&_end=99999999999999999999",
	} {
		f.Add(seed)
	}
	s := newListServer(f)
	f.Fuzz(func(t *testing.T, query string) {
		r := &http.Request{Method: "GET", Host: "x", Header: http.Header{}, URL: &url.URL{Path: "/v1/jobs", RawQuery: query}, Body: http.NoBody}
		a := s.serveRaw(t, r)
		if a.status != 200 && a.status != 400 {
			t.Fatalf("%q: %d %s", query, a.status, a.body)
		}
		if a.status == 200 {
			a.decode(&[]map[string]any{})
		}
	})
}

func TestListWhileJobsChange(t *testing.T) {
	s := newServer(t)
	fillJobs(t, s.store, 300)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 60 {
			name := fmt.Sprintf("job-%06d", i)
			err := s.log.update(func(tx *state.Tx) error {
				r, err := readRecord(tx, name)
				if err != nil || i%2 == 0 {
					return err
				}
				return tx.DeleteJob(&r.Job)
			})
			if err != nil {
				t.Error(err)
			}
		}
	}()
	for {
		for _, query := range []string{"", "?q=1&_sort=next&_order=DESC&_end=5", "?_start=290"} {
			s.get("/v1/jobs" + query).want(200).decode(&[]map[string]any{})
		}
		select {
		case <-done:
			s.get("/v1/jobs").each("id", 270)
			return
		default:
		}
	}
}
