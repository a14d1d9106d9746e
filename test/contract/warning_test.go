package contract

import (
	"slices"
	"strings"
	"testing"
)

// warnings returns the texts of an answer's Warning headers.
func (a *answer) warnings() (texts []string) {
	for _, value := range a.header.Values("Warning") {
		text, _ := strings.CutPrefix(value, `299 dkron "`)
		texts = append(texts, strings.ReplaceAll(strings.TrimSuffix(text, `"`), `\"`, `"`))
	}
	return texts
}

// request is a job with the executor http.
func request(config job) job {
	return job{"schedule": "@manually", "executor": "http", "executor_config": config}
}

func TestARequestThatCanNeverSucceedIsRefusedAndStoredOnlyFromABackup(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		for text, config := range map[string]job{
			"executor_config.url is empty; it must be":                            {"method": "GET"},
			"executor_config.method is empty; it must be":                         {"url": "http://localhost/"},
			"executor_config.url must begin with http:// or https://; it must be": {"method": "GET", "url": "ftp://localhost/"},
			"executor_config.url can't be parsed: ":                               {"method": "GET", "url": "http://local host/"},
			"executor_config.expectBody is not a valid regular expression: ":      {"method": "GET", "url": "http://localhost/", "expectBody": "("},
		} {
			body := request(config).with(job{"name": s.name("a")})
			for _, a := range []*answer{s.post("/v1/jobs", body.text()), s.do("PATCH", "/v1/jobs", body.text()), s.do("PUT", s.path("a", ""), body.text())} {
				a.wantText(400, invalid+text)
			}
			s.get(s.path("a", "")).wantEmpty(404)
			s.post("/v1/preview", body.text()).want(200)
			a := s.do("POST", "/v1/restore", "["+body.text()+"]", "Content-Type: application/json").want(200)
			if got := a.warnings(); len(got) != 1 || !strings.HasPrefix(got[0], `job "`+s.name("a")+`": `+text) {
				a.fail("the restore warns of %q, want %q", got, text)
			}
			// A job stored with a warning stays usable: it can be read, disabled, and run.
			s.post(s.path("a", "/toggle"), "").want(200)
			s.create("a", request(job{"method": "GET", "url": "http://localhost/"}))
			a = s.post(s.path("a", "/versions/1/revert"), "").want(200)
			if got := a.warnings(); len(got) != 1 || !strings.HasPrefix(got[0], text) {
				a.fail("the revert warns of %q, want %q", got, text)
			}
			s.del(s.path("a", "")).want(200)
		}
	})
}

func TestWhatIsStoredButDoubtfulIsSaid(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		get := func(more job) job { return request(job{"method": "GET", "url": "http://localhost/"}.with(more)) }
		for _, c := range []struct {
			job  job
			want string
		}{
			{get(job{}), ""}, {shell("true"), ""}, {shell("true").with(job{"schedule": "@hourly"}), ""},
			{get(job{"Url": "x"}), "executor_config.Url is unknown and ignored; did you mean url?"},
			{get(job{"timeout": "10s"}), `executor_config.timeout "10s" is not a number of seconds, using 30; for 10s write "10"`},
			{get(job{"timeout": "30000"}), `executor_config.timeout 30000 is a number of seconds, 8h20m0s; if you mean milliseconds, write "30"`},
			{get(job{"headers": `{"A":"b"}`}), "executor_config.headers is a JSON object, so every execution fails; write a JSON array of strings, such as "},
			{get(job{"expectCode": "200-299"}), `executor_config.expectCode "200-299" is neither a status code nor a class like 2xx and matches nothing; for 200-299 write 2xx`},
			{shell("true").with(job{"executor_config": job{}}), "executor_config.command is missing, so every execution fails; write the command to run"},
			{shell("true").with(job{"executor": ""}), "executor is missing, so every execution fails; write shell"},
			{shell("true").with(job{"executor": "htpp"}), `executor "htpp" is not one that nodes of this version have, so every execution fails; write shell`},
			{shell("true").with(job{"metadata": job{"runbook": "https://wiki.example/a"}}), ""},
			{shell("true").with(job{"metadata": job{"runbook": "wiki/a"}}), "metadata.runbook is not a web address, so the page shows no link to it; begin it with https:// or http://"},
			{shell("true").with(job{"processors": job{"log": job{"forward": "true"}}}), ""},
			{shell("true").with(job{"processors": job{"file": job{}}}), "processors.file is not a processor that servers of this version have, so outputs are not given to it; did you mean files?"},
			{shell("true").with(job{"processors": job{"files": job{"dir": "/x"}}}), "processors.files.dir is unknown and ignored"},
			{shell("true").with(job{"schedule": "0 0 31 2 *"}), "schedule never fires: no year has such a day"},
			{shell("true").with(job{"schedule": "@every -5m", "disabled": true}), "schedule fires every second, since -5m is less than that; did you mean @every 5m?"},
		} {
			body := c.job.with(job{"name": s.name("b")})
			for _, method := range []string{"POST", "PATCH"} {
				a := s.do(method, "/v1/jobs", body.text()).want(201)
				got := a.warnings()
				if c.want == "" && got != nil || c.want != "" && !slices.ContainsFunc(got, func(text string) bool { return strings.HasPrefix(text, c.want) }) {
					a.fail("%s warns of %q, want %q", method, got, c.want)
				}
			}
			preview := s.get(s.path("b", "/preview")).want(200)
			if warned := strings.Contains(preview.body, `"warnings":[{"field":`); warned != (c.want != "") {
				preview.fail("%s", preview.body)
			}
		}
	})
}
