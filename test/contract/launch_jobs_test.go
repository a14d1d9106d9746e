package contract

import (
	"net/url"
	"testing"
	"time"
)

type launchJobsView struct {
	From, Until  time.Time
	Gap, Single  int
	Total        int
	Truncated    bool
	CompleteFrom time.Time `json:"complete_from"`
	Jobs         []struct {
		Job, DisplayName string
		Count            int
		States           map[string]int
		First, Last      time.Time
		Latest           shownView
		Launches         []shownView
		Bands            []struct {
			At, Until     time.Time
			Count         int
			State, Launch string
		}
	}
}

type shownView struct {
	ID, State, Reason string
	At                time.Time
	EndedAt           *time.Time `json:"ended_at"`
}

func TestLaunchesAreSummedUpByJob(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("noisy", shell("exit 3").with(job{"displayname": "Noisy"}))
		s.create("fine", shell("true"))
		var last ranView
		for range 21 {
			last = s.launched(s.path("noisy", "/launches"), `{}`)
		}
		fine := s.launched(s.path("fine", "/launches"), `{}`)
		read := func(query url.Values) (v launchJobsView) {
			t.Helper()
			query["job"] = []string{s.name("noisy"), s.name("fine"), s.name("none")}
			s.get("/v1/launches/jobs?" + query.Encode()).want(200).wantJSON().decode(&v)
			return v
		}
		v := read(url.Values{})
		if len(v.Jobs) != 2 || v.Total != 22 || v.Truncated || v.Single != 20 || v.Gap != 338 || !v.CompleteFrom.Equal(v.From) || v.Until.Sub(v.From) != 24*time.Hour {
			t.Fatalf("%+v", v)
		}
		if one := v.Jobs[0]; one.Job != s.name("fine") || one.Count != 1 || one.States["success"] != 1 || len(one.Launches) != 1 || one.Launches[0].ID != fine.ID || one.Launches[0].EndedAt == nil || len(one.Bands) != 0 {
			t.Errorf("%+v", one)
		}
		noisy := v.Jobs[1]
		if noisy.DisplayName != "Noisy" || noisy.Count != 21 || noisy.States["failed"] != 21 || noisy.Latest.ID != last.ID || noisy.Latest.Reason == "" || noisy.First.After(noisy.Last) || len(noisy.Launches) != 0 {
			t.Errorf("%+v", noisy)
		}
		sum := 0
		for _, b := range noisy.Bands {
			sum += b.Count
			if b.State != "failed" || b.At.After(b.Until) {
				t.Errorf("%+v", b)
			}
		}
		if newest := noisy.Bands[len(noisy.Bands)-1]; sum != 21 || newest.Launch != last.ID {
			t.Errorf("%d in %+v", sum, noisy.Bands)
		}
		if v := read(url.Values{"state": {"failed", "lost"}, "sums": {""}}); len(v.Jobs) != 1 || v.Jobs[0].Count != 21 || len(v.Jobs[0].Bands) != 0 {
			t.Errorf("%+v", v)
		}
		if v := read(url.Values{"cause": {"schedule"}}); len(v.Jobs) != 0 || v.Total != 0 {
			t.Errorf("%+v", v)
		}
		if v := read(url.Values{"until": {"2026-01-31T08:00:00Z"}, "from": {"2026-01-31T07:00:00Z"}}); len(v.Jobs) != 0 {
			t.Errorf("%+v", v)
		}
		s.get("/v1/launches/jobs?state=open").want(400)
		s.get("/v1/launches/jobs?limit=50001").wantText(400, `limit must be a number from 1 to 50000, not "50001"`)
		s.get("/v1/launches/jobs?from=noon").want(400)
		s.get("/v1/launches/jobs?from=2026-01-31T08:00:00Z&until=2026-01-31T07:00:00Z").wantText(400, "until must not be before from, which is 2026-01-31T08:00:00Z")
	})
}

func TestACountOfManyNamesTheJobsThatAskFirst(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("plain", shell("false"))
		s.create("migrate", shell("false").with(job{"confirm": true}))
		s.launched(s.path("plain", "/launches"), `{}`)
		s.launched(s.path("migrate", "/launches"), `{}`)
		query := url.Values{"state": {"failed"}, "since": {"2026-01-01T00:00:00Z"}, "job": {s.name("plain"), s.name("migrate")}}
		var v struct {
			Jobs    int
			Confirm struct {
				Count int
				Jobs  []string
			}
		}
		s.post("/v1/launches/rerun?dry_run&"+query.Encode(), "").want(200).wantJSON().decode(&v)
		if v.Jobs != 2 || v.Confirm.Count != 1 || len(v.Confirm.Jobs) != 1 || v.Confirm.Jobs[0] != s.name("migrate") {
			t.Errorf("%+v", v)
		}
		query.Set("state", "waiting")
		query.Del("since")
		s.post("/v1/launches/stop?dry_run&"+query.Encode(), "").want(200).wantJSON().decode(&v)
		if v.Confirm.Count != 0 || v.Confirm.Jobs == nil {
			t.Errorf("%+v", v)
		}
	})
}

func TestExecutionsAreSummedUpByNode(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("noisy", shell("exit 3"))
		var last ranView
		for range 21 {
			last = s.launched(s.path("noisy", "/launches"), `{}`)
		}
		fields := shell("true")
		fields["displayname"] = "Fine and well"
		s.create("fine", fields)
		fine := s.launched(s.path("fine", "/launches"), `{}`)
		query := url.Values{"job": {s.name("noisy"), s.name("fine")}}
		var v struct {
			Total, Single int
			Truncated     bool
			DisplayNames  map[string]string
			Nodes         []struct {
				Node       string
				Count      int
				States     map[string]int
				Executions []struct {
					Job, ID, Launch, State string
					Attempt                int
				}
				Bands []struct {
					Job, State, Launch string
					Count, Bad         int
				}
			}
		}
		s.get("/v1/executions/nodes?" + query.Encode()).want(200).wantJSON().decode(&v)
		if v.Total != 22 || v.Single != 20 || v.Truncated || len(v.Nodes) != 1 || v.Nodes[0].Node != world.agent || v.Nodes[0].States["failed"] != 21 {
			t.Fatalf("%+v", v)
		}
		if len(v.DisplayNames) != 1 || v.DisplayNames[s.name("fine")] != "Fine and well" {
			t.Errorf("%v", v.DisplayNames)
		}
		if one := v.Nodes[0].Executions; len(one) != 1 || one[0].Job != s.name("fine") || one[0].Launch != fine.ID || one[0].Attempt != 1 || one[0].State != "success" {
			t.Errorf("%+v", one)
		}
		sum := 0
		for _, b := range v.Nodes[0].Bands {
			if sum += b.Count; b.Job != s.name("noisy") || b.State != "failed" || b.Bad != b.Count {
				t.Errorf("%+v", b)
			}
		}
		if b := v.Nodes[0].Bands; sum != 21 || b[len(b)-1].Launch != last.ID {
			t.Errorf("%+v", b)
		}
		query["state"] = []string{"success"}
		if s.get("/v1/executions/nodes?" + query.Encode()).want(200).decode(&v); v.Total != 1 {
			t.Errorf("%+v", v)
		}
		query["node"] = []string{"none"}
		if s.get("/v1/executions/nodes?" + query.Encode()).want(200).decode(&v); len(v.Nodes) != 0 {
			t.Errorf("%+v", v)
		}
		s.get("/v1/executions/nodes?state=queued").want(400)
	})
}
