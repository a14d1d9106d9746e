package contract

import (
	"slices"
	"testing"
)

// healths returns what every server says of a job, which is one text once they agree.
func (s *site) healths(n string) string {
	s.t.Helper()
	var all []string
	for _, d := range world.doors {
		a := s.at(d).get(s.path(n, "?recent=5"))
		if a.status != 200 {
			return "" // it does not have the job yet
		}
		j := a.object()
		text, last := j["health"].(string), j["last_launch"]
		if last, ok := last.(map[string]any); ok {
			text += " " + last["state"].(string)
		}
		all = append(all, text)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

// A job's health is the same on every server, in the job, in the filtered list and in the statistics.
func TestHealthSaysWhatAPersonShouldKnow(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		becomes := func(n, want string) {
			t.Helper()
			s.until(n+" is "+want, func() bool { return s.healths(n) == want })
		}
		s.create("nobody", shell("true").with(job{"schedule": "@every 5s", "tags": job{"role": "nobody"}}))
		s.create("a", shell("exit 3"))
		becomes("a", "never_due")
		for range 2 {
			s.run("a")
		}
		becomes("a", "failing failed")
		s.until("two in a row", func() bool { return s.get(s.path("a", "")).want(200).field("failure_streak") == 2.0 })
		s.create("a", shell("exec sleep 60"))
		s.run("a")
		s.post(s.path("a", "/stop"), "").want(202)
		becomes("a", "failing stopped")
		if j := s.get(s.path("a", "")).object(); j["stopped_count"] != 1.0 || j["error_count"] != 3.0 || j["failure_streak"] != 2.0 || j["status"] != "failed" {
			t.Errorf("after a stop: %v", j)
		}
		s.create("a", shell("true"))
		s.run("a")
		becomes("a", "never_due success")
		becomes("nobody", "did_not_run no_target")
		s.get("/v1/jobs?health=did_not_run,late&q=" + s.name("nobody")).want(200).names(1)
		if h := s.get("/v1/stats").want(200).field("health").(map[string]any); len(h) != 8 || h["did_not_run"] == 0.0 {
			t.Errorf("the statistics count %v", h)
		}
	})
}
