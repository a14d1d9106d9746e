package contract

import (
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMembersAreAllNodes(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		a := s.get("/v1/members").want(200).wantJSON().wantHeader("X-Total-Count", "4")
		var names []string
		for _, m := range a.list() {
			names = append(names, m["Name"].(string))
			for _, k := range memberKeys {
				if _, there := m[k]; !there {
					t.Errorf("%v has no %s", m["Name"], k)
				}
			}
			if m["statusText"] != "alive" || !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(m["id"].(string)) {
				t.Errorf("%v", m)
			}
			tags := m["Tags"].(map[string]any)
			server := tags["server"] == "true"
			if server != (m["Name"] != world.agent) || (tags["expect"] == "3") != server {
				t.Errorf("%v has tags %v", m["Name"], tags)
			}
			for _, k := range []string{"role", "dc", "region", "version", "rpc_addr", "port"} {
				if tags[k] == nil {
					t.Errorf("%v has no tag %s", m["Name"], k)
				}
			}
		}
		slices.Sort(names)
		want := slices.Clone(world.nodes)
		slices.Sort(want)
		if diff := cmp.Diff(want, names); diff != "" {
			t.Error(diff)
		}
	})
}

// An agent has no descriptions of its own: it hands the request on.
func TestExecutorsDescribeTheirConfigurations(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		a := s.get("/v1/executors").want(200).wantJSON()
		type schema struct {
			Properties map[string]struct{ Type, Title, Description string }
			Required   []string
		}
		var executors []struct {
			Name   string
			Schema schema
		}
		a.decode(&executors)
		a.wantHeader("X-Total-Count", strconv.Itoa(len(executors)))
		required := map[string][]string{}
		for _, e := range executors {
			required[e.Name] = e.Schema.Required
			for key, p := range e.Schema.Properties {
				if p.Type != "string" || p.Title == "" || p.Description == "" {
					t.Errorf("%s: %s is %+v", e.Name, key, p)
				}
			}
		}
		if !slices.Equal(required["shell"], []string{"command"}) || !slices.Equal(required["http"], []string{"method", "url"}) {
			t.Errorf("required are %v", required)
		}
		whom := a.header.Get("X-Whom")
		if whom == "" || whom == world.agent {
			t.Errorf("X-Whom is %q", whom)
		}
		s.get("/v1/executors?pretty&consistent").want(200).wantJSON()
	})
}

func TestTheSurveyShowsTheStatusOfEveryServer(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		var v surveyView
		s.until("all are ready", func() bool {
			v = surveyView{}
			s.get("/v1/cluster").want(200).wantJSON().decode(&v)
			return v.brief() == "s1 s2 s3 ready"
		})
		leader := s.get("/v1/leader").field("Name")
		if v.Leader != leader || v.Term == 0 || v.Agents != (agentsView{Alive: 1}) {
			t.Errorf("%+v, led by %v", v, leader)
		}
		addresses := map[any]any{}
		for _, m := range s.get("/v1/members").list() {
			addresses[m["Name"]] = m["Tags"].(map[string]any)["rpc_addr"]
		}
		for _, sv := range v.Servers {
			if sv.Address != addresses[sv.Name] || sv.Version == "" || !sv.Voter || sv.Leader != (sv.Name == leader) || sv.Error != "" ||
				sv.Term != v.Term || sv.LastIndex == 0 || sv.AppliedIndex == 0 || sv.Lag == nil {
				t.Errorf("%+v", sv)
			}
		}
		s.get("/v1/cluster?pretty&consistent").want(200).wantJSON()
	})
}

// Q30
func TestAMembersIDIsTheSameEverywhere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ids := func(d door) map[any]any {
			out := map[any]any{}
			for _, m := range s.at(d).get("/v1/members").list() {
				out[m["Name"]] = m["id"]
			}
			return out
		}
		first := ids(s.door)
		for _, d := range world.doors {
			if diff := cmp.Diff(first, ids(d)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestTheLeaderIsAMemberWithoutTheListsKeys(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		a := s.get("/v1/leader").want(200).wantJSON().golden("leader")
		name := a.field("Name")
		for _, m := range s.get("/v1/members").list() {
			if m["Name"] == name {
				delete(m, "id")
				delete(m, "statusText")
				if diff := cmp.Diff(m, a.object()); diff != "" {
					t.Error(diff)
				}
			}
		}
	})
}

func TestOneServerSaysThatItLeads(t *testing.T) {
	begin(t)
	t.Parallel()
	startWorld(t)
	s := newSite(t, world.doors[0])
	s.until("exactly one server leads, and is the one that all name", func() bool {
		leads, followers := "", 0
		for _, url := range world.servers {
			switch a := s.at(door{url: url}).get("/v1/isleader").wantJSON(); a.status {
			case 200:
				a.wantBody(`"I am a leader"`)
				leads = a.header.Get("X-Whom")
			case 404:
				a.wantBody(`"I am a follower"`)
				followers++
			default:
				a.want(200)
			}
		}
		return followers == 2 && leads != "" && s.get("/v1/leader").field("Name") == leads
	})
}

func TestStatusTellsTheNode(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, path := range []string{"/v1", "/v1/"} {
			a := s.get(path).want(200).wantJSON().golden("status")
			var status struct {
				Agent, Serf, Tags map[string]string // every value is a string
			}
			a.decode(&status)
			if status.Agent["name"] != s.door.node || status.Tags["node"] != s.door.node {
				t.Errorf("%+v", status)
			}
		}
	})
}

func TestBusyTellsWhatRunsAnywhere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/go"
		s.create("old", shell("echo one; echo two; while [ ! -e "+mark+" ]; do sleep 0.1; done"))
		s.create("young", shell("while [ ! -e "+mark+" ]; do sleep 0.1; done").with(job{"tags": job{"node": "s2"}}))
		mine := func(d door) []map[string]any {
			var out []map[string]any
			a := s.at(d).get("/v1/busy")
			list := a.list()
			if len(list) == 0 {
				a.wantBody("[]")
			}
			for i, m := range list {
				if m["job_name"] == s.name("old") || m["job_name"] == s.name("young") {
					out = append(out, m)
				}
				if i > 0 && m["started_at"].(string) < list[i-1]["started_at"].(string) && len(m["started_at"].(string)) == len(list[i-1]["started_at"].(string)) {
					t.Errorf("not oldest first: %v", list)
				}
			}
			return out
		}
		s.run("old")
		s.until("it runs", func() bool { return len(s.executions("old")) == 1 })
		s.run("young")
		s.until("both run", func() bool { return len(mine(s.door)) == 2 })
		for _, d := range world.doors { // every server gives the full picture
			s.until("seen through the "+d.kind, func() bool { return len(mine(d)) == 2 })
		}
		var m map[string]any
		s.until("output so far is there, all of it", func() bool { // Q31
			m = mine(s.door)[0]
			return m["output"] == "one\ntwo\n"
		})
		if m["job_name"] != s.name("old") || m["id"] != s.executions("old")[0].ID {
			t.Errorf("%v, in history %s", m, s.executions("old")[0].ID)
		}
		if _, there := m["output_truncated"]; there {
			t.Error("busy has output_truncated")
		}
		touch(t, mark)
		s.finished("old", 1)
		s.finished("young", 1)
		s.until("nothing of it is busy", func() bool { return len(mine(s.door)) == 0 })
	})
}

func TestBusyHasATotal(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		a := s.get("/v1/busy")
		a.list()
		if a.header.Get("X-Total-Count") == "" {
			t.Error("X-Total-Count is missing")
		}
	})
}

func TestHealthTellsWhoLeads(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		a := s.get("/health").want(200).wantJSON()
		o := a.object()
		leads := s.get("/v1/isleader").status == 200
		if o["status"] != "healthy" || o["leader"] != leads {
			t.Errorf("%v, leads %v", o, leads)
		}
		if _, there := o["issues"]; there {
			t.Errorf("%v", o)
		}
	})
}

func TestVariablesOfTheProcess(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"schedule": "@daily"})
		leads := s.get("/v1/isleader").status == 200
		o := s.get("/debug/vars").want(200).wantJSON().object()
		for _, k := range []string{"cmdline", "memstats", "node", "scheduler_started", "cron_entries"} {
			if _, there := o[k]; !there {
				t.Errorf("%s is missing", k)
			}
		}
		entries, _ := o["cron_entries"].(map[string]any)
		if _, planned := entries[s.name("a")]; planned != leads || o["node"] != s.door.node {
			t.Errorf("leads %v: node %v, %d cron_entries, mine among them: %v", leads, o["node"], len(entries), planned)
		}
	})
}

func TestMetricsAreOffByDefault(t *testing.T) {
	all(t, func(t *testing.T, s *site) { s.get("/metrics").wantPage() })
}
