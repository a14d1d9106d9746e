package contract

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type launchView struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Reason string `json:"reason"`
}

// lastLaunch returns the newest launch of a job.
func (s *site) lastLaunch(n string) launchView {
	s.t.Helper()
	var list []launchView
	s.get(s.path(n, "/launches?_order=DESC")).want(200).decode(&list)
	if len(list) == 0 {
		s.t.Fatalf("%s was not launched", n)
	}
	return list[0]
}

// A launch's reason is why its first failing execution failed, and on which node; output keeps the first line of the spec.
func TestALaunchSaysWhyItFailed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		absent := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(absent.Close)
		get := func(url string) job {
			return request(job{"method": "GET", "url": url, "expectCode": "200"}).with(job{"tags": onAgent})
		}
		on := " on " + world.agent
		for n, c := range map[string]struct {
			job          job
			reason       string
			begins, ends string // of the output
		}{
			"succeeds": {shell("echo done"), "", "done", "done\n"},
			"code": {
				shell(`echo starting; printf '\033[31mERROR 503 from upstream\033[0m\n----\n' >&2; exit 17`),
				"exit code 17" + on + ": ERROR 503 from upstream", "exit status 17\n", "",
			},
			"silent": {shell("exit 4"), "exit code 4" + on, "exit status 4", ""},
			"timed-out": {
				shell("").with(job{"executor_config": job{"command": "echo half way; exec sleep 60", "shell": "true", "timeout": "500ms"}}),
				"timed out after 500 ms" + on, "signal: killed\n", "",
			},
			"memory": {
				shell("").with(job{"executor_config": job{"command": `exec head -c 300000000 /dev/zero | tail -c 299999999 | sleep 60`, "shell": "true", "mem_limit": "20MB"}}),
				"killed: over its memory limit of 20 MB" + on, "", "",
			},
			"signal":   {shell("echo working; kill -TERM $$"), "ended by signal: terminated" + on + ": working", "signal: terminated\n", ""},
			"no-shell": {shell("").with(job{"executor_config": job{"command": "/no/such/bin"}}), "failed" + on + ": fork/exec /no/such/bin: no such file or directory", "fork/exec", ""},
			"answered": {get(absent.URL), "answered 404, expected 200," + on, "", ""},
			"long":     {shell(`head -c 5000 /dev/zero | tr '\0' x; exit 1`), "exit code 1" + on + ": " + strings.Repeat("x", 199) + "…", "exit status 1\n", ""},
		} {
			s.create(n, c.job)
			s.run(n)
			e := s.finished(n, 1)[0]
			if got := s.lastLaunch(n).Reason; got != c.reason {
				t.Errorf("%s: the reason is %q, want %q", n, got, c.reason)
			}
			if !strings.HasPrefix(e.Output, c.begins) || !strings.HasSuffix(e.Output, c.ends) {
				t.Errorf("%s: output %q, want %q … %q", n, e.Output, c.begins, c.ends)
			}
		}
	})
}

// A run that finds no node is refused at once; one that was due is recorded, and says which tags no node has.
func TestALaunchThatFoundNoNodeSaysSo(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"schedule": "@every 5s", "tags": job{"role": "nobody"}}))
		reason := ""
		s.until("one has ended", func() bool {
			var list []launchView
			s.get(s.path("a", "/launches?state=no_target")).want(200).decode(&list)
			if len(list) > 0 {
				reason = list[0].Reason
			}
			return len(list) > 0
		})
		if !strings.Contains(reason, "tags") {
			t.Errorf("the reason is %q, want that no node has the tags", reason)
		}
	})
}
