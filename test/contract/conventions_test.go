package contract

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSONAnswersAreUTF8WithoutANewlineAndWithEscapedMarkup(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("a", job{"owner": "<b>&ñ"})
		for _, path := range []string{"/v1", "/v1/jobs?q=" + s.prefix, s.path("a", ""), "/v1/members", "/v1/stats?days=1", "/v1/busy", "/health", "/debug/vars"} {
			a := s.get(path).want(200).wantJSON()
			if !json.Valid([]byte(a.body)) || strings.HasSuffix(a.body, "\n") {
				a.fail("body %q", a.body)
			}
		}
		if body := s.get(s.path("a", "")).body; !strings.Contains(body, `"owner":"\u003cb\u003e\u0026ñ"`) {
			t.Errorf("markup is not escaped in %s", body)
		}
	})
}

func TestPrettyIndentsByFourSpacesWhateverItsValue(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"metadata": map[string]string{"k": "v"}})
		for _, path := range []string{s.path("a", ""), "/v1/jobs?q=" + s.name("a"), "/v1/pause", "/v1/leader"} {
			plain, sep := s.get(path), "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			for _, word := range []string{"pretty", "pretty=true", "pretty=false", "pretty="} {
				a := s.get(path + sep + word).want(200).wantJSON()
				var v json.RawMessage
				a.decode(&v)
				want, err := json.MarshalIndent(v, "", "    ")
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(a.body, "\n    ") {
					a.fail("not indented: %s", a.body)
				}
				if diff := cmp.Diff(string(want), a.body); diff != "" {
					a.fail("%s", diff)
				}
				if !sameJSON(t, plain.body, a.body) {
					a.fail("differs from the plain answer")
				}
			}
		}
	})
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}

func TestABodyIsJSONWhateverItsTypeSays(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		for i, kind := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data"} {
			j := job{"name": s.name("a" + string(rune('a'+i))), "schedule": "@manually"}
			s.do("POST", "/v1/jobs", j.text(), "Content-Type: "+kind).want(201)
		}
	})
}

// v4 takes the first value and ignores the rest: of two files that are sent as one it stores the first and says 201.
func TestTextAfterTheFirstValueIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		one := job{"name": s.name("a"), "schedule": "@manually"}.text()
		for _, rest := range []string{" trailing", one, "\n" + one, " {", " ]", ` {"owner":"y"}`, " null"} {
			s.post("/v1/jobs", one+rest).wantText(400, "Unable to parse payload: ")
			s.do("PUT", s.path("a", ""), one+rest).wantText(400, "Unable to parse payload: ")
			s.post("/v1/preview", one+rest).wantText(400, "Unable to parse payload: ")
			s.do("PUT", "/v1/settings", "{}"+rest).wantText(400, "Unable to parse payload: ")
			s.restore("["+one+"]"+rest).wantText(400, "Unable to parse payload: ")
			s.do("POST", "/v1/restore", "["+one+"]"+rest, "Content-Type: application/json").wantText(400, "Unable to parse payload: ")
		}
		s.get(s.path("a", "")).wantEmpty(404)
		s.post("/v1/jobs", one+" \r\n\t\n").want(201)
		s.restore("[" + one + "]\n\n").want(200)
	})
}

func TestUnknownKeysAreIgnored(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"no_such_key": map[string]any{"x": 1}, "id": "other"})
		o := s.get(s.path("a", "")).want(200).object()
		if _, there := o["no_such_key"]; there || o["id"] != s.name("a") {
			t.Errorf("%v", o)
		}
	})
}

func TestKeysMatchInAnyCase(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.post("/v1/jobs", `{"NAME":"`+s.name("a")+`","Schedule":"@manually","OWNER_Email":"o@example.com","Executor_Config":{"Command":"x"}}`).want(201)
		o := s.get(s.path("a", "")).object()
		if o["owner_email"] != "o@example.com" {
			t.Errorf("owner_email %v", o["owner_email"])
		}
		if diff := cmp.Diff(map[string]any{"Command": "x"}, o["executor_config"]); diff != "" {
			t.Error("the case of keys of a configuration is the client's:", diff)
		}
	})
}

func TestTheLastOfTwoEqualKeysWins(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.post("/v1/jobs", `{"name":"x","name":"`+s.name("a")+`","schedule":"nonsense","SCHEDULE":"@manually","owner":"x","owner":"y"}`).want(201)
		if got := s.get(s.path("a", "")).field("owner"); got != "y" {
			t.Errorf("owner %v", got)
		}
	})
}

func TestEveryRouteButHealthNamesTheServerThatAnswers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true"))
		for _, path := range []string{
			"/v1", "/v1/", "/v1/members", "/v1/executors", "/v1/leader", "/v1/isleader", "/v1/busy", "/v1/pause", "/v1/stats", "/v1/jobs?q=" + s.prefix,
			s.path("a", ""), s.path("none", ""), s.path("a", "/executions"), s.path("a", "/executions/1-x"), "/debug/vars",
		} {
			s.get(path).wantHeader("X-Whom", s.door.node)
		}
		s.post("/v1/jobs", "nonsense").want(400).wantHeader("X-Whom", s.door.node)
		s.post(s.path("a", "/run"), "").wantRun().wantHeader("X-Whom", s.door.node)
		s.post(s.path("a", "/toggle"), "").want(200).wantHeader("X-Whom", s.door.node)
		s.del(s.path("a", "/executions")).want(200).wantHeader("X-Whom", s.door.node)
		s.del(s.path("a", "")).want(200).wantHeader("X-Whom", s.door.node)
		s.get("/health").want(200).wantHeader("X-Whom", "")
	})
}

func TestAnAgentNamesTheServerThatAnswered(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		if whom := s.get("/v1/jobs?q=" + s.prefix).header.Get("X-Whom"); whom == "" || whom == world.agent {
			t.Errorf("X-Whom is %q", whom)
		}
	})
}

func TestCORSIsOffByDefault(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, path := range []string{"/v1/jobs?q=" + s.prefix, "/v1/members", "/health"} {
			for _, origin := range []string{"Origin: https://other.example.com", "Accept: */*"} {
				a := s.do("GET", path, "", origin).want(200)
				for name := range a.header {
					if strings.HasPrefix(name, "Access-Control-") {
						a.fail("%s: %v", name, a.header[name])
					}
				}
			}
		}
	})
}

func TestAPreflightIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		a := s.do("OPTIONS", "/v1/jobs", "", "Origin: https://other.example.com", "Access-Control-Request-Method: POST").want(204).wantBody("")
		if allow := a.header.Get("Allow"); !strings.Contains(allow, "POST") || !strings.Contains(allow, "GET") {
			a.fail("Allow is %q", allow)
		}
	})
}

func TestHeadAnswersLikeGet(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{})
		for _, path := range []string{"/v1", "/v1/jobs?q=" + s.name("a"), s.path("a", ""), s.path("a", "/executions"), s.path("none", ""), "/health", "/v1/leader"} {
			get, head := s.get(path), s.do("HEAD", path, "")
			head.want(get.status).wantBody("")
			for _, name := range []string{"Content-Type", "X-Total-Count", "X-Whom"} {
				head.wantHeader(name, get.header.Get(name))
			}
		}
	})
}

func TestASlashTooManyRedirects(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, c := range []struct {
			method, path, to string
			status           int
		}{
			{"GET", "/v1/jobs/", "/v1/jobs", 301},
			{"POST", "/v1/jobs/", "/v1/jobs", 307},
			{"PATCH", "/v1/jobs/", "/v1/jobs", 307},
			{"GET", "/v1/jobs/a/", "/v1/jobs/a", 301},
			{"PUT", "/v1/jobs/a/", "/v1/jobs/a", 307},
			{"DELETE", "/v1/jobs/a/", "/v1/jobs/a", 307},
			{"POST", "/v1/jobs/a/run/", "/v1/jobs/a/run", 307},
			{"GET", "/v1/jobs/a/executions/", "/v1/jobs/a/executions", 301},
			{"GET", "/v1/jobs/%C3%B1/", "/v1/jobs/%C3%B1", 301},
			{"GET", "/v1/members/", "/v1/members", 301},
			{"GET", "/health/", "/health", 301},
		} {
			s.do(c.method, c.path, "").want(c.status).wantHeader("Location", c.to).wantHeader("X-Whom", "")
		}
		s.get("/v1").want(200)
		s.get("/v1/").want(200)
	})
}

func TestWhatDoesNotExistIsThePage(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		for _, path := range []string{"/V1/jobs", "/v1//jobs", "/v2/jobs", "/v1/nothing", "/v1/jobs/a/nothing", "/v1/jobs/a/executions/1/x", "/v1/tokens", "/debug/pprof"} {
			s.get(path).wantPage()
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			s.do(method, "/v1/acl/policies", "").wantPage()
			s.do(method, "/v1/acl/policies/a", "").wantPage()
		}
	})
}

func TestAnUnknownMethodOfARouteIsAnsweredWithTheKnownOnes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, c := range [][2]string{
			{"DELETE", "/v1/jobs"}, {"PUT", "/v1/jobs"}, {"PATCH", "/v1/jobs/a"}, {"GET", "/v1/jobs/a/run"}, {"GET", "/v1/leave"},
			{"POST", "/v1/members"}, {"POST", "/v1/stats"}, {"DELETE", "/v1/pause"}, {"GET", "/v1/unpause"},
		} {
			if a := s.do(c[0], c[1], "").want(405); a.header.Get("Allow") == "" { // v4 has the page for it; this says more
				t.Errorf("%s %s: no Allow", c[0], c[1])
			}
		}
	})
}

func TestNamesInPathsArePercentEncoded(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		path := "/v1/jobs/" + s.prefix + "%C3%B1and%C3%BA"
		s.create("ñandú", shell("true")).wantHeader("Location", path)
		if got := s.get(path).want(200).field("name"); got != s.name("ñandú") {
			t.Errorf("name %v", got)
		}
		s.do("PUT", path, job{"schedule": "@manually", "owner": "o"}.text()).want(201).wantHeader("Location", path)
		s.post(path+"/toggle", "").want(200)
		s.get(path + "/executions").want(200)
		s.del(path).want(200)
		s.get(path).wantEmpty(404)
	})
}

func TestNothingIsCompressedForAClientThatDoesNotAsk(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"owner": strings.Repeat("x", 4096)})
		s.get(s.path("a", "")).want(200).wantHeader("Content-Encoding", "")
	})
}

func TestTimesAreUTCWithoutTrailingZeros(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"schedule": "@daily", "starts_at": "2030-01-01T12:00:00.120+02:00", "expires_at": "2031-01-01T12:00"}))
		o := s.get(s.path("a", "")).object()
		if o["starts_at"] != "2030-01-01T10:00:00.12Z" || o["expires_at"] != "2031-01-01T12:00:00Z" {
			t.Errorf("starts_at %v, expires_at %v", o["starts_at"], o["expires_at"])
		}
		s.run("a")
		s.finished("a", 1)
		fine := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$`)
		for _, m := range s.get(s.path("a", "/executions")).list() {
			for _, k := range []string{"started_at", "finished_at"} {
				if text, _ := m[k].(string); !fine.MatchString(text) {
					t.Errorf("%s is %v", k, m[k])
				}
			}
		}
	})
}
