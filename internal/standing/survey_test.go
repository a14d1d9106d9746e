package standing

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/roster"
)

// says is a server that answers a survey.
func says(id string, r Report) surveyed {
	return surveyed{Server: roster.Server{ID: id, Address: id + ":6868", Voter: true}, report: &r}
}

// silent is a server that does not answer.
func silent(id string, err error) surveyed {
	return surveyed{Server: roster.Server{ID: id, Address: id + ":6868"}, err: err}
}

// brief summarizes a survey's servers: name, notable properties, lag.
func brief(s *Survey) string {
	var out []string
	for _, sv := range s.Servers {
		lag := "?"
		if sv.Lag != nil {
			lag = fmt.Sprint(*sv.Lag)
		}
		text := sv.Name + " " + lag
		for _, is := range []struct {
			so   bool
			word string
		}{{sv.Leader, "leader"}, {sv.Reachable, "reachable"}, {sv.Ready, "ready"}, {sv.Voter, "voter"}} {
			if is.so {
				text += " " + is.word
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestASurveyTellsHowFarEachServerIsBehind(t *testing.T) {
	s3 := says("s3", Report{Term: 6, Applied: 40, Last: 60, Reason: "60 entries behind"})
	s1 := says("s1", Report{Term: 7, Applied: 99, Last: 100})
	s2 := says("s2", Report{Term: 7, Applied: 102, Last: 102}) // answered later than the leader
	gone := silent("s0", errors.New("refused"))
	for _, c := range []struct {
		leader string
		found  []surveyed
		want   string
	}{
		{"s1", []surveyed{s3, s1, s2, gone}, "s0 ?, s1 1 leader reachable ready voter, s2 0 reachable ready voter, s3 60 reachable voter"},
		{"", []surveyed{s1, s3}, "s1 ? reachable ready voter, s3 ? reachable voter"},
		{"s0", []surveyed{gone, s1}, "s0 ? leader, s1 ? reachable ready voter"}, // the end of the leader's log is not known
		{"", nil, ""},
	} {
		if got := brief(newSurvey(c.leader, 7, c.found, nil, "global")); got != c.want {
			t.Errorf("got\n\t%s\nwant\n\t%s", got, c.want)
		}
	}
	got := newSurvey("s1", 7, []surveyed{s1, s3}, nil, "global")
	if sv := got.Servers[1]; got.Leader != "s1" || got.Term != 7 || sv.Term != 6 || sv.LastIndex != 60 || sv.AppliedIndex != 40 ||
		sv.Reason != "60 entries behind" || sv.Address != "s3:6868" || sv.Error != "" {
		t.Errorf("%+v", got)
	}
}

func TestASurveyHasWhereEachServerShowsItsPage(t *testing.T) {
	s1 := says("s1", Report{HTTP: "10.0.0.1:8080"})
	got := newSurvey("s1", 1, []surveyed{s1, says("s2", Report{}), silent("s3", errors.New("refused"))}, nil, "global")
	if a, b, c := got.Servers[0].HTTP, got.Servers[1].HTTP, got.Servers[2].HTTP; a != "10.0.0.1:8080" || b != "" || c != "" {
		t.Errorf("%q, %q, %q", a, b, c)
	}
}

func TestASurveyTellsWhatGossipKnowsOfAServerThatIsSilent(t *testing.T) {
	members := []roster.Member{
		{Name: "s1", Status: roster.Failed, Tags: map[string]string{"server": "true", "region": "global", "version": "1.2"}},
	}
	unserved := dkron.Error(ErrUnserved, "what")
	refused := errors.New("refused")
	got := newSurvey("", 0, []surveyed{silent("s1", refused), silent("s2", refused), silent("s3", unserved)}, members, "global")
	s1, s2, s3 := got.Servers[0], got.Servers[1], got.Servers[2]
	if s1.Error != "refused; gossip sees it as failed" || s1.Version != "1.2" || s1.Reachable {
		t.Errorf("%+v", s1)
	}
	if s2.Error != "refused; gossip does not know it" || s2.Version != "" {
		t.Errorf("%+v", s2)
	}
	if s3.Error != "" || !s3.Reachable || s3.Ready || s3.Reason == "" { // it answers, and is of another version
		t.Errorf("%+v", s3)
	}
}

func TestASurveyCountsTheAgentsOfItsRegion(t *testing.T) {
	member := func(name, server, region string, status roster.Status) roster.Member {
		return roster.Member{Name: name, Status: status, Tags: map[string]string{"server": server, "region": region}}
	}
	got := countAgents([]roster.Member{
		member("a1", "", "global", roster.Alive), member("a2", "", "global", roster.Leaving),
		member("a3", "", "global", roster.Failed), member("a4", "", "global", roster.Left),
		member("a5", "", "elsewhere", roster.Alive), member("s1", "true", "global", roster.Alive),
	}, "global")
	if want := (Agents{Alive: 2, Failed: 1, Left: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
