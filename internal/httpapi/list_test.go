package httpapi

import (
	"fmt"
	"math/rand/v2"
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

func TestListFiltersSortsAndCuts(t *testing.T) {
	s := newListServer(t)
	for _, c := range []struct {
		query string
		total int
		want  string
	}{
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
		{"disabled=false&q=b", 2, "a ab"},
		{"disabled=1", 0, ""},
		{"tags=x&owner=y&name=z&id=q&_page=3&_perPage=1", 4, "a ab b c"},
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
	} {
		// One job has the name in its display name only.
		want := strings.ReplaceAll(c.want, "Zebra", "a")
		if c.query == "disabled=false&q=b" {
			want = "a ab" // Zebra, ab
		}
		if got := s.get("/v1/jobs?"+c.query).each("name", c.total); got != want {
			t.Errorf("%s: %q, want %q", c.query, got, want)
		}
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
		if a := s.get(path + "?_sort=owner").want(400); !strings.HasPrefix(a.body, `_sort by "owner" is not possible, use one of id`) {
			t.Error(a.body)
		}
	}
}

func TestListIsReadInPortions(t *testing.T) {
	s := newServer(t)
	const n = 2500
	fillJobs(t, s.store, n)
	for _, query := range []string{"", "?pretty", "?_sort=displayname", "?_order=DESC"} {
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

func TestSelectionEqualsSorting(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var all []*state.Entry
		for i := range rnd.IntN(600) {
			all = append(all, &state.Entry{Name: fmt.Sprintf("j%03d", i), SuccessCount: rnd.Uint64N(20)})
		}
		rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		p := page{end: rnd.IntN(700)}
		p.start = rnd.IntN(p.end + 1)
		q := &listQuery{sort: "success_count", desc: rnd.IntN(2) == 0}
		s := newSelection(q.compare(), p.end)
		for _, e := range all {
			s.add(e)
		}
		want := cut(p, slices.SortedFunc(slices.Values(all), q.compare()))
		if got := s.page(p); !slices.Equal(got, want) || s.total != len(all) {
			t.Fatalf("%v of %d: another page", p, len(all))
		}
	}
}

func FuzzListQuery(f *testing.F) {
	for _, seed := range []string{"q=a&_sort=next&_order=DESC&_start=1&_end=2", "metadata[a]=b&metadata[=&metadata]", "status=untriggered&disabled=x", "%zz;a&pretty"} {
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

func fillJobs(t testing.TB, store *state.Store, n int) {
	t.Helper()
	const batch = 5000
	for done := 0; done < n; {
		err := store.Update(uint64(done+1), func(tx *state.Tx) error {
			for end := min(done+batch, n); done < end; done++ {
				j := dkron.Job{
					Name: fmt.Sprintf("job-%06d", done), DisplayName: fmt.Sprintf("Job Number %d", done*7919%n), Number: tx.NewJobNumber(),
					Schedule: "0 30 3 * * *", Owner: "team", Executor: "shell", ExecutorConfig: map[string]string{"command": "/usr/bin/true", "timeout": "30s"},
					Tags: map[string]string{"role": "web:1"}, Metadata: map[string]string{"team": fmt.Sprint(done % 50)}, Concurrency: dkron.Allow, CreatedAt: noon,
				}
				p := dkron.Progress{SuccessCount: uint64(done * 31 % 1000), Status: dkron.StatusSuccess, LastSuccess: noon.Add(time.Duration(done*7919%n) * time.Second), Next: noon}
				if err := tx.PutJob(&j, &p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	s := newServer(b)
	fillJobs(b, s.store, 100_000)
	for _, c := range []struct{ name, query string }{
		{"FirstPage", "_end=25"},
		{"DeepPage", "_start=90000&_end=90025"},
		{"PageDesc", "_start=50000&_end=50025&_order=DESC"},
		{"Search", "q=4999&_end=25"},
		{"SearchNothing", "q=nothing-like-it&_end=25"},
		{"Metadata", "metadata[team]=7&_end=25"},
		{"StatusSorted", "status=success&_sort=last_success&_order=DESC&_end=25"},
		{"SortDisplayName", "_sort=displayname&_end=25"},
		{"SortDeep", "_sort=displayname&_start=50000&_end=50025"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if a := s.get("/v1/jobs?" + c.query); a.status != 200 {
					b.Fatal(a.body)
				}
			}
		})
	}
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
