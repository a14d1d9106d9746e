package httpapi

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// fillJobs stores n jobs as a large fleet would have them: few owners, teams and schedules, three pairs of metadata.
func fillJobs(t testing.TB, store *state.Store, n int) {
	t.Helper()
	const batch = 5000
	for done := 0; done < n; {
		err := store.Update(uint64(done+1), func(tx *state.Tx) error {
			for end := min(done+batch, n); done < end; done++ {
				j := dkron.Job{
					Name: fmt.Sprintf("job-%06d", done), DisplayName: fmt.Sprintf("Job Number %d", done*7919%n), Number: tx.NewJobNumber(),
					Schedule: fmt.Sprintf("0 %d 3 * * *", done%60), Owner: fmt.Sprintf("Team of the Platform %02d", done%50), Executor: "shell",
					ExecutorConfig: map[string]string{"command": "/usr/bin/true", "timeout": "30s"},
					Tags:           map[string]string{"role": fmt.Sprintf("web-%d:1", done%20)},
					Metadata: map[string]string{
						"team": fmt.Sprint(done % 50), "env": []string{"prod", "staging", "Test"}[done%3], "service": fmt.Sprintf("service-%d", done%2000),
					},
					Concurrency: dkron.Allow, CreatedAt: noon, UpdatedAt: noon.Add(time.Duration(done*31%n) * time.Millisecond),
				}
				if err := tx.PutJob(&j, progressOf(done, n)); err != nil {
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

func progressOf(i, n int) *dkron.Progress {
	p := &dkron.Progress{SuccessCount: uint64(i * 31 % 1000), Status: dkron.StatusSuccess, Next: noon.Add(time.Duration(i%60) * time.Minute)}
	if i%7 > 0 {
		p.LastSuccess = noon.Add(time.Duration(i*7919%n) * time.Second)
	}
	return p
}

// newFleet is a server with n jobs that have run, some of them rewritten, in random order, so that the index's entries
// are scattered in memory as on a server that has been up for a while.
func newFleet(b *testing.B, n int) *server {
	s := newServer(b)
	fillJobs(b, s.store, n)
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	for len(order) > 0 {
		portion := order[:min(5000, len(order))]
		order = order[len(portion):]
		err := s.store.Update(uint64(n)+1, func(tx *state.Tx) error {
			for _, i := range portion {
				j, err := tx.Job(fmt.Sprintf("job-%06d", i))
				if err != nil {
					return err
				}
				p, err := tx.Progress(j.Number)
				if err != nil {
					return err
				}
				p.SuccessCount += uint64(i) % 3
				tx.PutProgress(j.Number, p)
				if i%5 == 0 {
					err = tx.PutJob(j, p)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// benchQueries are pages of 25 jobs.
var benchQueries = []struct{ name, query string }{
	{"Page", "_end=25"},
	{"DeepPage", "_start=90000&_end=90025"},
	{"PageDesc", "_start=50000&_end=50025&_order=DESC"},
	{"Q", "q=4999&_end=25"},
	{"QNothing", "q=nothing-like-it&_end=25"},
	{"QAll", "q=Number&_end=25"},
	{"Search", "_search=service-49&_end=25"},
	{"SearchNothing", "_search=NOTHING+like+it&_end=25"},
	{"SearchWordsAll", "_search=job+team+shell+number&_end=25"},
	{"Metadata", "metadata[team]=7&_end=25"},
	{"MetadataLast", "metadata[team]=7&metadata[env]=prod&metadata[service]=service-57&_end=25"},
	{"Tag", "_tag[role]=web-3:1&_end=25"},
	{"Owner", "_owner=Team+of+the+Platform+07&_end=25"},
	{"Executor", "_executor=shell&_end=25"},
	{"Parent", "_parent=job-000001&_end=25"},
	{"Ephemeral", "_ephemeral=false&_end=25"},
	{"Disabled", "disabled=false&_end=25"},
	{"StatusSorted", "status=success&_sort=last_success&_order=DESC&_end=25"},
	{"SortDisplayName", "_sort=displayname&_end=25"},
	{"SortedDeepPage/displayname", "_sort=displayname&_start=50000&_end=50025"},
	{"SortedDeepPage/schedule", "_sort=schedule&_start=50000&_end=50025"},
	{"SortedDeepPage/owner", "_sort=owner&_start=50000&_end=50025"},
	{"SortedDeepPage/executor", "_sort=executor&_start=50000&_end=50025"},
	{"SortedDeepPage/success_count", "_sort=success_count&_start=50000&_end=50025"},
	{"SortedDeepPage/error_count", "_sort=error_count&_start=50000&_end=50025"},
	{"SortedDeepPage/last_success", "_sort=last_success&_start=50000&_end=50025"},
	{"SortedDeepPage/last_error", "_sort=last_error&_start=50000&_end=50025"},
	{"SortedDeepPage/next", "_sort=next&_start=50000&_end=50025"},
	{"SortedDeepPage/updated_at", "_sort=updated_at&_start=50000&_end=50025"},
	{"Everything", "q=job&status=success&disabled=false&_ephemeral=false&_executor=shell&metadata[env]=prod&_search=team&_sort=displayname&_order=DESC&_start=15000&_end=15025"},
}

// BenchmarkList is the handler alone, of 100,000 jobs.
func BenchmarkList(b *testing.B) {
	s := newFleet(b, 100_000)
	for _, c := range benchQueries {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if a := s.get("/v1/jobs?" + c.query); a.status != 200 {
					b.Skip(a.body)
				}
			}
		})
	}
}

// BenchmarkListOverHTTP is the same for a client on a warm connection.
func BenchmarkListOverHTTP(b *testing.B) {
	srv := httptest.NewServer(newFleet(b, 100_000).handler)
	defer srv.Close()
	for _, c := range benchQueries {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				r, err := http.Get(srv.URL + "/v1/jobs?" + c.query)
				if err != nil {
					b.Fatal(err)
				}
				_, err = io.Copy(io.Discard, r.Body)
				if r.Body.Close(); err != nil || r.StatusCode != 200 {
					b.Skip(r.Status, err)
				}
			}
		})
	}
}

// BenchmarkListAll is a full list of 100,000 jobs, and the memory held for it while its client waits.
func BenchmarkListAll(b *testing.B) {
	s := newFleet(b, 100_000)
	b.ReportAllocs()
	size, held := 0, 0
	for b.Loop() {
		before := heapNow()
		c, done := newSlowClient(), make(chan struct{})
		go func() {
			defer close(done)
			s.handler.ServeHTTP(c, httptest.NewRequest("GET", "/v1/jobs", nil))
		}()
		size = 0
		for running := true; running; {
			select {
			case n := <-c.wrote:
				if size < 1<<20 && size+n >= 1<<20 {
					held = max(held, heapNow()-before)
				}
				size += n
				c.more <- struct{}{}
			case <-done:
				running = false
			}
		}
	}
	b.ReportMetric(float64(size)/1e6, "MB-body")
	b.ReportMetric(float64(held)/1e6, "MB-held")
}
