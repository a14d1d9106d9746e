package contract

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAJobHasAllItsKeys(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("min", job{"schedule": "@manually"}).wantJSON().wantHeader("Location", s.path("min", ""))
		s.get(s.path("min", "")).want(200).golden("job_min", jobKeys...)
		o := s.get(s.path("min", "")).object()
		for _, k := range jobKeys {
			if _, there := o[k]; !there {
				t.Errorf("%s is missing", k)
			}
		}
		if list := s.get("/v1/jobs?q=" + s.prefix).list(); !cmp.Equal(list, []map[string]any{o}) {
			t.Errorf("the list has %v, the job is %v", list, o)
		}
	})
}

// full is a job with a value for everything that a client may write.
func full(s *site) job {
	return job{
		"name": s.name("full"), "displayname": "A Job", "timezone": "America/Bogota", "schedule": "0 30 3 * * *", "owner": "o",
		"owner_email": "not an address", "disabled": true, "tags": job{"role": "web:2"}, "metadata": job{"a": "1"}, "retries": 4294967295,
		"processors": job{"log": job{}, "files": job{"dir": "/x"}}, "concurrency": "forbid", "executor": "shell",
		"executor_config": job{"command": "true"}, "ephemeral": true, "starts_at": "2026-12-01T10:00", "expires_at": "2037-01-01T00:00:00+02:00",
	}
}

func TestEveryWritableFieldReadsBack(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		stored := s.post("/v1/jobs", full(s).text()).want(201)
		read := s.get(s.path("full", "")).want(200).golden("job_full", jobKeys...)
		// Q6: the answer to a write is the job as stored.
		if diff := cmp.Diff(read.object(), stored.object()); diff != "" {
			t.Errorf("the answer to the write is not what is stored: %s", diff)
		}
		// What was read can be sent back.
		again := s.do("PUT", s.path("full", ""), read.body).want(201)
		if diff := cmp.Diff(only(read.object(), jobKeys), only(again.object(), jobKeys)); diff != "" {
			t.Errorf("changed by sending it back: %s", diff)
		}
	})
}

func TestEmptyCollectionsReadBackAsNull(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"tags": job{}, "metadata": job{}, "executor_config": job{}, "processors": job{}, "dependent_jobs": []string{}})
		s.create("b", job{"tags": nil, "metadata": nil, "executor_config": nil, "processors": nil, "dependent_jobs": nil,
			"concurrency": nil, "owner": nil, "retries": nil, "disabled": nil, "starts_at": nil, "expires_at": nil, "next": nil})
		for _, n := range []string{"a", "b"} {
			o := s.get(s.path(n, "")).object()
			for _, k := range []string{"tags", "metadata", "executor_config", "dependent_jobs", "starts_at", "expires_at", "last_success", "last_error"} {
				if o[k] != nil {
					t.Errorf("%s: %s is %v, want null", n, k, o[k])
				}
			}
			if diff := cmp.Diff(map[string]any{}, o["processors"]); diff != "" {
				t.Errorf("%s: processors: %s", n, diff)
			}
			if o["concurrency"] != "allow" {
				t.Errorf("%s: concurrency is %v", n, o["concurrency"])
			}
		}
	})
}

func TestAnEmptyConcurrencyIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"concurrency": ""})
		if got := s.get(s.path("a", "")).field("concurrency"); got != "" {
			t.Errorf("concurrency %q", got)
		}
	})
}

// writes are the three requests that store a job; they do the same.
var writes = []struct {
	method string
	path   func(s *site, n string) string
}{
	{"POST", func(*site, string) string { return "/v1/jobs" }},
	{"PATCH", func(*site, string) string { return "/v1/jobs" }},
	{"PUT", func(s *site, n string) string { return s.path(n, "") }},
}

func TestEachWriteReplacesTheWholeDefinition(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, w := range writes {
			n := strings.ToLower(w.method)
			path := w.path(s, n)
			first := full(s).with(job{"name": s.name(n)})
			s.do(w.method, path, first.text()).want(201).wantHeader("Location", s.path(n, "")).wantJSON()
			s.do(w.method, path, job{"name": s.name(n), "schedule": "@manually"}.text()).want(201).wantHeader("Location", s.path(n, ""))
			s.get(s.path(n, "")).golden("job_replaced_"+n, jobKeys...)
			s.do(w.method, path, job{"name": s.name(n)}.text()).wantText(400, "Job validation failed: can't parse job schedule: ")
			s.do(w.method, path, "nonsense").wantText(400, "Unable to parse payload: ")
			s.do(w.method, path, job{"name": s.name(n), "parent_job": s.name("none")}.text()).wantText(404, "specified parent job not found")
		}
		s.get(s.path("none", "")).wantEmpty(404)
	})
}

func TestAJobWithoutItsParentIsNotStored(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.post("/v1/jobs", job{"name": s.name("a"), "parent_job": s.name("none")}.text()).want(404).wantBody("specified parent job not found")
		s.get(s.path("a", "")).wantEmpty(404)
	})
}

// Q3
func TestPutTakesTheNameFromThePathAndRefusesAnother(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.do("PUT", s.path("a", ""), `{"schedule":"@manually"}`).want(201)
		s.get(s.path("a", "")).want(200)
		s.do("PUT", s.path("a", ""), job{"name": s.name("b"), "schedule": "@manually"}.text()).wantText(400, "Job validation failed: ")
		s.get(s.path("b", "")).wantEmpty(404)
	})
}

// Q5
func TestLocationIsTheJobs(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		body := job{"name": s.name("a"), "schedule": "@manually", "disabled": true}.text()
		s.do("POST", "/v1/jobs?runoncreate&pretty", body).want(201).wantHeader("Location", s.path("a", ""))
		s.do("PUT", s.path("a", "?x=1"), body).want(201).wantHeader("Location", s.path("a", ""))
	})
}

func TestRunOnCreateRunsOnceOnCreateAndOnUpdate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		j := shell("echo $ENV_JOB_NAME").with(job{"name": s.name("a")})
		s.post("/v1/jobs?runoncreate", j.text()).want(201)
		s.finished("a", 1)
		s.post("/v1/jobs?runoncreate=true", j.with(job{"owner": "o"}).text()).want(201)
		s.finished("a", 2)
		s.do("PUT", s.path("a", "?runoncreate"), j.text()).want(201)
		if got := len(s.finished("a", 3)); got != 3 {
			t.Errorf("%d executions", got)
		}
		s.post("/v1/jobs", j.with(job{"owner": "p"}).text()).want(201)
		for _, no := range []string{"false", "0", "no"} { // v4 counts them as there
			s.post("/v1/jobs?runoncreate="+no, j.with(job{"owner": no}).text()).want(201)
		}
		s.post("/v1/jobs?runoncreate", j.with(job{"disabled": true}).text()).want(201)
		if got := len(s.executions("a")); got != 3 {
			t.Errorf("%d executions after a plain write and a disabled one", got)
		}
	})
}

func TestRunOnCreateRunsAChildAndDoesNotMindFailure(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", shell("true"))
		s.post("/v1/jobs?runoncreate", job{"name": s.name("c"), "parent_job": s.name("p"), "executor": "shell", "tags": onAgent,
			"executor_config": job{"command": "true"}}.text()).want(201)
		s.finished("c", 1)
		s.post("/v1/jobs?runoncreate", job{"name": s.name("nowhere"), "schedule": "@manually", "tags": job{"pool": "none"}}.text()).want(201)
		s.get(s.path("nowhere", "")).want(200)
	})
}

func TestAnUpdateKeepsWhatHasHappened(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		j := shell("exit $(date +%s%N | tail -c1 | sed s/./0/)")
		s.create("a", j)
		s.create("c", job{"parent_job": s.name("a")})
		s.run("a")
		s.finished("a", 1)
		s.create("a", shell("exit 1"))
		s.run("a")
		s.finished("a", 2)
		before := s.read("a")
		s.create("a", j.with(job{"owner": "o", "success_count": 0, "error_count": 0, "last_success": nil, "last_error": nil, "status": "", "dependent_jobs": nil}))
		after := s.read("a")
		if after.SuccessCount != 1 || after.ErrorCount != 1 || after.LastSuccess == nil || after.LastError == nil || after.Status != "failed" {
			t.Errorf("kept %+v", after)
		}
		if diff := cmp.Diff(before.DependentJobs, after.DependentJobs); diff != "" || len(after.DependentJobs) != 1 {
			t.Errorf("dependent_jobs %v: %s", after.DependentJobs, diff)
		}
		if got := len(s.executions("a")); got != 2 {
			t.Errorf("%d executions", got)
		}
	})
}

// Q8
func TestAWriteCannotSetWhatIsReadOnly(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"status": "nonsense", "dependent_jobs": []string{"ghost"}, "next": "2040-01-01T00:00:00Z"})
		s.get(s.path("a", "")).golden("job_min_a", jobKeys...)
		s.create("a", job{"success_count": 7, "error_count": 8, "last_success": "2026-01-01T00:00:00Z", "last_error": "2026-01-01T00:00",
			"status": "failed", "dependent_jobs": []string{"ghost"}, "next": "2040-01-01T00:00:00Z"})
		s.get(s.path("a", "")).golden("job_min_a", jobKeys...) // an update ignores it
		s.del(s.path("a", "")).want(200)
	})
}

// A backup client posts each job of its export. Like the reference, the server accepts the counters in it, but never
// what only a server can know.
func TestAJobThatIsCreatedTakesItsCountersAndLastTimes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.ran("a", shell("true"))
		s.create("a", shell("false"))
		s.run("a")
		s.finished("a", 2)
		export := s.get(s.path("a", "")).object()
		s.del(s.path("a", "")).want(200)
		for _, send := range []func(body string) *answer{
			func(body string) *answer { return s.post("/v1/jobs", body) },
			func(body string) *answer { return s.do("PATCH", "/v1/jobs", body) },
			func(body string) *answer { return s.do("PUT", s.path("a", ""), body) },
		} {
			body := job(export).with(job{"status": "failed", "dependent_jobs": []string{"ghost"}, "next": "2040-01-01T00:00:00Z"}).text()
			answered, stored := send(body).want(201).object(), s.get(s.path("a", "")).object()
			for _, got := range []map[string]any{answered, stored} {
				for _, key := range []string{"success_count", "error_count", "last_success", "last_error"} {
					if export[key] == nil || got[key] != export[key] {
						t.Errorf("%s is %v, want %v", key, got[key], export[key])
					}
				}
				if got["status"] != "" || got["dependent_jobs"] != nil || got["next"] == "2040-01-01T00:00:00Z" {
					t.Errorf("status %v, dependent_jobs %v, next %v", got["status"], got["dependent_jobs"], got["next"])
				}
			}
			s.del(s.path("a", "")).want(200)
		}
		s.post("/v1/jobs", job{"name": s.name("a"), "schedule": "@manually", "success_count": -1}.text()).wantText(400, "Unable to parse payload: success_count")
		s.get(s.path("a", "")).wantEmpty(404)
	})
}

// Q7
func TestNextIsOfTheScheduleThatFires(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		now := time.Now().UTC()
		day := func(zone string, hour int) time.Time {
			at, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			n := time.Date(now.In(at).Year(), now.In(at).Month(), now.In(at).Day(), hour, 0, 0, 0, at)
			if !n.After(now) {
				n = time.Date(n.Year(), n.Month(), n.Day()+1, hour, 0, 0, 0, at)
			}
			return n
		}
		check := func(what string, want time.Time) {
			t.Helper()
			if got := s.read("a").Next; !got.Equal(want) {
				t.Errorf("%s: next is %v, want %v", what, got, want)
			}
		}
		s.create("a", job{"schedule": "0 0 3 * * *", "timezone": "Asia/Tokyo"})
		check("the zone counts from the start", day("Asia/Tokyo", 3))
		s.create("a", job{"schedule": "0 0 3 * * *", "timezone": "America/Bogota"})
		check("a change of the zone", day("America/Bogota", 3))
		s.create("a", job{"schedule": "TZ=Asia/Tokyo 0 0 3 * * *", "timezone": "America/Bogota"})
		check("the schedule's own zone wins", day("Asia/Tokyo", 3))
		s.create("a", job{"schedule": "@daily", "timezone": "Asia/Tokyo"}) // Q22
		check("descriptors have the zone too", day("Asia/Tokyo", 0))
		s.create("a", job{"schedule": "0 0 3 * * *", "timezone": "UTC", "starts_at": "2035-05-05T05:00:00Z"})
		check("starts_at", time.Date(2035, 5, 6, 3, 0, 0, 0, time.UTC))
		s.create("a", job{"schedule": "0 0 3 * * *", "timezone": "UTC"})
		check("starts_at taken away again", day("UTC", 3))
		s.create("a", job{"schedule": "@manually"})
		check("never", time.Time{})
		s.create("a", job{"schedule": "0 0 0 30 2 *"})
		check("a date that never comes", time.Time{})
		s.create("a", job{"schedule": "@at 2020-01-01T00:00:00Z"})
		check("a time in the past", time.Time{})
		s.create("a", job{"schedule": "@at 2040-01-01T00:00:00+02:00"})
		check("a time to come", time.Date(2039, 12, 31, 22, 0, 0, 0, time.UTC))
		s.create("a", job{"schedule": "0 0 3 * * *", "timezone": "UTC", "disabled": true})
		check("of a disabled job too", day("UTC", 3))
	})
}

// Q20
func TestNextOfAChildWithoutScheduleIsNoTime(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", job{})
		s.create("c", job{"parent_job": s.name("p")})
		if got := s.get(s.path("c", "")).field("next"); got != "0001-01-01T00:00:00Z" {
			t.Errorf("next is %v", got)
		}
	})
}

func TestParentsKnowTheirChildren(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, n := range []string{"p", "q"} {
			s.create(n, job{})
		}
		want := func(p, children string) {
			t.Helper()
			var got []string
			for _, n := range s.read(p).DependentJobs {
				got = append(got, strings.TrimPrefix(n, s.prefix))
			}
			if strings.Join(got, " ") != children {
				t.Errorf("children of %s: %v, want %s", p, got, children)
			}
		}
		s.create("z", job{"parent_job": s.name("p")})
		s.create("a", job{"parent_job": s.name("p")})
		want("p", "z a") // in order of attachment
		s.create("z", job{"parent_job": s.name("p"), "owner": "o"})
		want("p", "z a")
		s.create("z", job{"parent_job": s.name("q")})
		want("p", "a")
		want("q", "z")
		s.create("a", job{"schedule": "@manually"})
		want("p", "")
		s.del(s.path("z", "")).want(200)
		want("q", "")
	})
}

// Q25
func TestCirclesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{})
		s.create("b", job{"parent_job": s.name("a")})
		s.create("c", job{"parent_job": s.name("b")})
		s.post("/v1/jobs", job{"name": s.name("a"), "parent_job": s.name("c")}.text()).wantText(400, "Job validation failed: ")
		if got := s.get(s.path("a", "")).field("parent_job"); got != "" {
			t.Errorf("parent_job %v", got)
		}
	})
}

// Q39
func TestAWriteIsSeenWhereItWasMade(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.hasty = true
		names := map[string]bool{}
		for i := range 20 {
			n := "a" + string(rune('a'+i))
			names[n] = true
			s.create(n, job{})
			s.get(s.path(n, "")).want(200)
		}
		for _, n := range slices.Sorted(maps.Keys(names)) {
			s.del(s.path(n, "")).want(200)
			s.get(s.path(n, "")).wantEmpty(404)
		}
	})
}
