package plugins

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

// fakeNodes is nodes whose plugins have the name of their node. Those called mute answer when ctx ends.
type fakeNodes struct{}

func (fakeNodes) Plugins(ctx context.Context, n dkron.Node) ([]Plugin, error) {
	switch {
	case strings.HasPrefix(n.Name, "mute"):
		<-ctx.Done()
		return nil, errors.New("rpc error: deadline exceeded")
	case n.Name == "gone":
		return nil, errors.New("refused")
	}
	return []Plugin{{Kind: "executor", Name: "z-" + n.Name}, {Kind: "executor", Name: "a-" + n.Name, PID: 7, StartedAt: time.Unix(5, 0)}}, nil
}

func (fakeNodes) DescribePlugin(ctx context.Context, n dkron.Node, s Subject) (*Description, error) {
	if strings.HasPrefix(s.Name, "z-") { // it is slow to say nothing
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &Description{Schema: []byte(s.Kind + " " + s.Name + " of " + n.Name)}, nil
}

func (fakeNodes) RestartPlugin(_ context.Context, n dkron.Node, r Restart) (*Plugin, error) {
	return &Plugin{Kind: r.Kind, Name: r.Name, Path: "on " + n.Name}, nil
}

// fakeOwn is the plugins of the asking node.
type fakeOwn struct{}

func (fakeOwn) Plugins() []Plugin { return []Plugin{{Kind: "executor", Name: "own"}} }

func (fakeOwn) Restart(_ context.Context, r Restart) (*Plugin, error) {
	return &Plugin{Kind: r.Kind, Name: r.Name, Path: "own"}, nil
}

func surveyor(nodes ...string) *Surveyor {
	return NewSurveyor(Config{Name: "s1", Own: fakeOwn{}, Nodes: fakeNodes{}, Logger: slog.New(slog.DiscardHandler), Members: func() (all []dkron.Node) {
		for _, n := range nodes {
			all = append(all, dkron.Node{Name: n, Alive: n != "gone"})
		}
		return all
	}})
}

func TestASurveyListsWhatAnsweredAndWhatDidNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mutes := []string{"s2", "s1", "gone"}
		for range 3 * askAtOnce {
			mutes = append(mutes, "mute")
		}
		began := time.Now()
		got, err := surveyor(mutes...).Survey(t.Context(), "")
		if err != nil || time.Since(began) > askNode {
			t.Fatalf("%v after %v", err, time.Since(began))
		}
		var names []string
		for _, p := range got.Plugins {
			names = append(names, p.Node+"/"+p.Name)
		}
		if text := strings.Join(names, " "); text != "s1/own s2/a-s2 s2/z-s2" {
			t.Error(text)
		}
		if p := got.Plugins[1]; *p.PID != 7 || p.StartedAt.Unix() != 5 || p.Memory != nil || got.Plugins[0].PID != nil {
			t.Errorf("%+v", p)
		}
		if len(got.Unreachable) != 1+3*askAtOnce || got.Unreachable[0] != (Unreachable{"gone", "refused; gossip sees it as failed"}) ||
			got.Unreachable[1] != (Unreachable{"mute", "no answer within 2 s"}) {
			t.Errorf("%+v", got.Unreachable[:2])
		}
	})
}

func TestASurveyOfOneNodeAsksOnlyThat(t *testing.T) {
	s := surveyor("s1", "s2", "mute")
	if got, err := s.Survey(t.Context(), "s2"); err != nil || len(got.Plugins) != 2 || len(got.Unreachable) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Survey(t.Context(), "s3"); !errors.Is(err, dkron.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestAPluginIsRestartedWhereItIs(t *testing.T) {
	s := surveyor("s1", "s2")
	for node, want := range map[string]string{"s1": "own", "s2": "on s2"} {
		if got, err := s.Restart(t.Context(), node, Restart{"executor", "hello"}); err != nil || got.Path != want || got.Node != node || got.Name != "hello" {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if _, err := s.Restart(t.Context(), "s3", Restart{"executor", "hello"}); !errors.Is(err, dkron.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestPluginsOfOtherNodesAreAskedOfLiveNodesAndRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s := surveyor("s1", "s2", "gone", "mute")
		members := s.cfg.Members
		s.cfg.Members = func() []dkron.Node { asked++; return members() }
		began := time.Now()
		for range 3 {
			var got []string
			for _, o := range s.Others("executor") {
				got = append(got, o.Name+":"+string(o.Schema))
			}
			if text := strings.Join(got, ", "); text != "a-s2:executor a-s2 of s2, own:, z-s2:" {
				t.Error(text)
			}
		}
		if asked != 1 || time.Since(began) > 2*askNames || len(s.Others("processor")) != 0 {
			t.Errorf("asked %d times, in %v", asked, time.Since(began))
		}
		time.Sleep(namesFor)
		if s.Others("executor"); asked != 2 {
			t.Errorf("asked %d times", asked)
		}
	})
}
