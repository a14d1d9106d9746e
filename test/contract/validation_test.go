package contract

import (
	"fmt"
	"strings"
	"testing"
)

const (
	unparsable = "Unable to parse payload: "
	invalid    = "Job validation failed: "
)

// refused tries to store invalid jobs: their names stay unknown.
func (s *site) refused(body, prefix string) {
	s.t.Helper()
	body = strings.ReplaceAll(body, "NAME", s.name("a"))
	a := s.post("/v1/jobs", body).wantText(400, prefix)
	if !strings.HasSuffix(a.body, ".") {
		a.fail("%s: %q does not end in a stop", body, a.body)
	}
	s.get(s.path("a", "")).wantEmpty(404)
}

func TestWhatIsNotJSONIsRefused(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.refused("", unparsable+"EOF")
		for _, body := range []string{"nonsense", `{"name":"NAME"`, `[]`, `"x"`, `5`, `{"name":"NAME","schedule":"@manually",}`} {
			s.refused(body, unparsable)
		}
	})
}

func TestValuesOfTheWrongTypeAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, field := range []string{
			`"schedule":5`, `"owner":true`, `"disabled":"true"`, `"disabled":1`, `"ephemeral":"no"`, `"parent_job":[]`, `"executor":{}`,
			`"retries":-1`, `"retries":1.5`, `"retries":"3"`, `"retries":4294967296`, `"retries":true`, // the last but one: Q9
			`"tags":[]`, `"tags":{"a":1}`, `"metadata":"x"`, `"metadata":{"a":null,"b":{}}`, `"executor_config":{"shell":true}`,
			`"executor_config":{"timeout":5}`, `"processors":{"log":1}`, `"processors":{"log":{"a":1}}`, `"processors":[]`,
			`"success_count":"1"`, `"dependent_jobs":"x"`,
			`"starts_at":""`, `"starts_at":"tomorrow"`, `"starts_at":5`, `"expires_at":""`, `"expires_at":"2026-01-01"`,
			`"last_success":""`, `"last_error":"x"`, `"next":"soon"`, `"next":"2026-01-01T00:00"`,
		} {
			s.refused(`{"name":"NAME","schedule":"@manually",`+field+`}`, unparsable)
		}
	})
}

func TestTimesAreReadInThreeForms(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for sent, want := range map[string]any{
			`null`: nil, `"2030-01-02T03:04"`: "2030-01-02T03:04:00Z", `"2030-01-02T03:04:05Z"`: "2030-01-02T03:04:05Z",
			`"2030-01-02T03:04:05.5-02:00"`: "2030-01-02T05:04:05.5Z",
		} {
			s.post("/v1/jobs", fmt.Sprintf(`{"name":%q,"schedule":"@manually","starts_at":%s,"expires_at":%s}`, s.name("a"), sent, sent)).want(201)
			o := s.get(s.path("a", "")).object()
			if o["starts_at"] != want || o["expires_at"] != want {
				t.Errorf("%s reads back as %v and %v", sent, o["starts_at"], o["expires_at"])
			}
		}
	})
}

func TestNamesFollowTheSlugRule(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		for _, body := range []string{`{"schedule":"@manually"}`, `{"name":"","schedule":"@manually"}`, `{"name":null,"schedule":"@manually"}`} {
			s.refused(body, invalid+"name cannot be empty.")
		}
		for name, first := range map[string]string{"NAMEA": "A", "NAME b": " ", "NAME.b/c": ".", "NAME/": "/", "NAMEß€": "€", "NAMEß²": "²", "NAME日": "日", "NAME٣": "٣"} {
			s.refused(`{"name":"`+name+`","schedule":"@manually"}`, invalid+"name contains illegal character '"+first+"'.")
		}
		for _, n := range []string{"-", "_", "9", "ñandú-ß_0", strings.Repeat("x", 1000)} {
			s.create(n, job{})
		}
	})
}

func TestAJobIsNotItsOwnParent(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.refused(`{"name":"NAME","parent_job":"NAME"}`, invalid+"the job can not have itself as parent.")
	})
}

func TestSchedulesThatDoNotParseAreRefused(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("p", job{})
		for _, c := range []struct{ schedule, detail string }{
			{"", "empty spec string"},
			{"* * * *", "expected "},
			{"* * * * * * *", "expected "},
			{"60 * * * * *", "end of range (60) above maximum (59): 60"},
			{"* 60 * * * *", "end of range (60) above maximum (59): 60"},
			{"* * 24 * * *", "end of range (24) above maximum (23): 24"},
			{"* * * 32 * *", "end of range (32) above maximum (31): 32"},
			{"* * * 0 * *", ""},
			{"* * * * 13 *", "end of range (13) above maximum (12): 13"},
			{"* * * * * 8", ""},
			{"*/0 * * * * *", ""},
			{"30-10 * * * * *", ""},
			{"a * * * * *", ""},
			{"@reboot", "unrecognized descriptor: @reboot"},
			{"@Daily", "unrecognized descriptor: @Daily"},
			{"@every 1x", "failed to parse duration @every 1x: "},
			{"@every", ""},
			{"@at 2030-01-01", "failed to parse date @at 2030-01-01: "},
			{"@at  2030-01-01T00:00:00Z", ""},
			{"@after 2030-01-01T00:00:00Z PT1H", "grace period must start with '<', got: PT1H"},
			{"@after 2030-01-01T00:00:00Z <P2H", ""},
			{"@after 2030-01-01T00:00:00Z <P1W", ""},
			{"@after 2030-01-01T00:00:00Z <PT0S", ""},
			{"@after 2030-01-01T00:00:00Z", ""},
			{"TZ=Nope 0 0 0 * * *", "provided bad location Nope: "},
			{"CRON_TZ=Nope @daily", "provided bad location Nope: "},
		} {
			s.refused(job{"name": "NAME", "schedule": c.schedule}.text(), invalid+"can't parse job schedule: "+c.detail)
			if c.schedule != "" { // a child needs no schedule, but an invalid one is refused
				s.refused(job{"name": "NAME", "schedule": c.schedule, "parent_job": s.name("p")}.text(), invalid+"can't parse job schedule: "+c.detail)
			}
		}
	})
}

func TestSchedulesOfAllFormsAreKeptAsSent(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		for _, schedule := range []string{
			"0 0 0 1 1 *", "  0  0 0 1   1 * ", "0 0 0 1 JAN ?", "0 0 0 1 jan sun", "0 0 0 1,15 1-3 MON-FRI", "0 0 0 1 */20 *", "0 0/25 0 1 1 0-6",
			"0-10/3 0 0 1 1 *", "0 ~ ~ ~ ~ ~", "~ ~ 3 1 1 ~", "0 ~,5 0 1 1 *", "TZ=Asia/Tokyo 0 0 0 1 1 *", "CRON_TZ=UTC @yearly", "0 0 0 30 2 *",
			"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly", "@manually", "@every 2h", "@every 36h30m", "@every 1000h",
			"@at 2020-01-01T00:00:00Z", "@at 2040-01-01T00:00:00+01:00", "@after 2040-01-01T00:00:00Z <PT2H", "@after 2040-01-01T00:00:00Z <P1DT2H30M",
			"@after 2040-01-01T00:00:00Z <PT1.5S", "@after 2020-01-01T00:00:00Z <P1Y",
		} {
			s.create("a", job{"schedule": schedule, "disabled": true})
			if got := s.get(s.path("a", "")).field("schedule"); got != schedule {
				t.Errorf("%q reads back as %q", schedule, got)
			}
		}
	})
}

func TestConcurrencyIsOneOfItsWords(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, word := range []string{"Allow", "FORBID", "never", " allow"} {
			s.refused(job{"name": "NAME", "schedule": "@manually", "concurrency": word}.text(), invalid+"invalid concurrency policy value, use \"allow\"")
		}
		for _, word := range []any{"allow", "forbid", "", nil} {
			s.create("ok", job{"concurrency": word})
		}
	})
}

func TestTimezonesAreNamesOfTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for zone, reason := range map[string]string{
			"Nope": "unknown time zone Nope", "europe/berlin": "unknown time zone europe/berlin", " UTC": "", "UTC ": "", "+02:00": "", "CEST": "unknown time zone CEST",
			"../etc/passwd": "time: invalid location name",
		} {
			for _, schedule := range []string{"@manually", "0 0 0 1 1 *"} {
				a := s.post("/v1/jobs", job{"name": s.name("a"), "schedule": schedule, "timezone": zone}.text()).wantText(400, invalid)
				if !strings.Contains(a.body, reason) {
					a.fail("%q: body %q, want something with %q", zone, a.body, reason)
				}
			}
		}
		s.get(s.path("a", "")).wantEmpty(404)
		for _, zone := range []string{"", "Local", "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "EST"} {
			s.create("ok", job{"timezone": zone})
		}
	})
}

func TestTimeoutsOfShellJobsAreDurations(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		config := func(timeout string) job {
			return job{"name": "NAME", "schedule": "@manually", "executor": "shell", "executor_config": job{"command": "x", "timeout": timeout}}
		}
		for _, bad := range []string{"10", "1d", "soon", "1 h"} {
			s.refused(config(bad).text(), invalid+"Error parsing job timeout value")
		}
		for _, good := range []string{"10s", "1h30m", "0", "-1s", ""} {
			s.create("ok", config(good))
		}
		s.create("other", config("soon").with(job{"executor": "some-plugin"}))
	})
}

func TestMemoryLimitsOfShellJobsAreSizes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		config := func(limit string) job {
			return job{"name": "NAME", "schedule": "@manually", "executor": "shell", "executor_config": job{"command": "x", "mem_limit": limit}}
		}
		for _, bad := range []string{"0", "-1", "x", "10 MB", "1KiB", "1PB", "1e3", "0.1B", "9999999999999999999", "9000000TB"} {
			s.refused(config(bad).text(), invalid+"Error parsing job memory limit value")
		}
		for _, good := range []string{"", "1", "1024", " 10MB ", "1.5g", "100b", "7Bytes", "2k", "2KB", "3m", "1T", "1tb"} {
			s.create("ok", config(good))
		}
		s.create("other", config("x").with(job{"executor": "some-plugin"}))
	})
}

func TestWhatIsNotCheckedIsAccepted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for i, j := range []job{
			{"executor": "no-such-executor"}, {"executor": "shell"}, {"executor": ""}, {"processors": job{"no-such": job{}}}, {"owner_email": "@@"},
			{"starts_at": "2030-01-02T00:00:00Z", "expires_at": "2030-01-01T00:00:00Z"}, {"tags": job{"a": "b:x", "c": "d:0", "e": "f:-1"}},
		} {
			s.create(fmt.Sprint("a", i), j)
		}
	})
}
