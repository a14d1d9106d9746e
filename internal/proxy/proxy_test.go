package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/proxy"
)

// journal notes, in order, who is asked what.
type journal struct{ asked []string }

func (j *journal) note(format string, args ...any) {
	j.asked = append(j.asked, fmt.Sprintf(format, args...))
}

// server is the use cases of one server.
type server struct {
	*journal
	name  string
	index uint64
	err   error
}

func (s *server) record(format string, args ...any) (*dkron.Record, uint64, error) {
	s.note(s.name+" "+format, args...)
	if s.err != nil {
		return nil, 0, s.err
	}
	return &dkron.Record{Job: dkron.Job{Owner: s.name}}, s.index, nil
}

func (s *server) SetJob(_ context.Context, r dkron.Record) (*dkron.Record, uint64, error) {
	return s.record("SetJob %s", r.Job.Name)
}

func (s *server) DeleteJob(_ context.Context, n string, _ *dkron.Stop) (*dkron.Record, uint64, error) {
	return s.record("DeleteJob %s", n)
}

func (s *server) ToggleJob(_ context.Context, n string) (*dkron.Record, uint64, error) {
	return s.record("ToggleJob %s", n)
}

func (s *server) ClearExecutions(_ context.Context, n string) (*dkron.Record, uint64, error) {
	return s.record("ClearExecutions %s", n)
}

func (s *server) RunJob(_ context.Context, n string, c dkron.Cause) (*dkron.Launched, uint64, error) {
	r, index, err := s.record("RunJob %s %s", n, c)
	if err != nil {
		return nil, 0, err
	}
	return &dkron.Launched{Before: *r}, index, nil
}

func (s *server) SetPaused(_ context.Context, p bool) (uint64, error) {
	_, index, err := s.record("SetPaused %t", p)
	return index, err
}

func (s *server) RevertJob(_ context.Context, n string, revision uint64) (*dkron.Record, uint64, error) {
	return s.record("RevertJob %s %d", n, revision)
}

func (s *server) Restore(_ context.Context, jobs []dkron.Record) ([]string, uint64, error) {
	_, index, err := s.record("Restore %d", len(jobs))
	return []string{"a"}, index, err
}

func (s *server) Stop(_ context.Context, what dkron.StopTarget, reason string) (uint64, uint64, error) {
	_, index, err := s.record("Stop %v %s", what, reason)
	return 3, index, err
}

func (s *server) Configure(_ context.Context, to dkron.Settings) (uint64, error) {
	_, index, err := s.record("Configure %d", to.TotalBytes)
	return index, err
}

// cluster is a server's view of the cluster.
type cluster struct {
	*journal
	leader  *server
	none    error
	applied error
}

func (c *cluster) Remote(context.Context) (proxy.Controller, error) {
	c.note("who leads")
	if c.none != nil {
		return nil, c.none
	}
	return c.leader, nil
}

func (c *cluster) WaitApplied(_ context.Context, index uint64) error {
	c.note("wait for %d", index)
	return c.applied
}

func newProxy() (*proxy.Proxy, *server, *cluster) {
	j := new(journal)
	local := &server{journal: j, name: "local", index: 1}
	c := &cluster{journal: j, leader: &server{journal: j, name: "leader", index: 42}}
	return proxy.New(local, c), local, c
}

// calls is every use case: a call that returns who answered.
var calls = map[string]func(p *proxy.Proxy) (string, error){
	"SetJob x": func(p *proxy.Proxy) (string, error) {
		r, err := p.SetJob(context.Background(), dkron.Record{Job: dkron.Job{Name: "x"}})
		return owner(r), err
	},
	"DeleteJob x": func(p *proxy.Proxy) (string, error) {
		r, err := p.DeleteJob(context.Background(), "x", nil)
		return owner(r), err
	},
	"ToggleJob x": func(p *proxy.Proxy) (string, error) {
		r, err := p.ToggleJob(context.Background(), "x")
		return owner(r), err
	},
	"ClearExecutions x": func(p *proxy.Proxy) (string, error) {
		r, err := p.ClearExecutions(context.Background(), "x")
		return owner(r), err
	},
	"RunJob x manual": func(p *proxy.Proxy) (string, error) {
		l, err := p.RunJob(context.Background(), "x", dkron.CauseManual)
		if l == nil {
			return "", err
		}
		return owner(&l.Before), err
	},
	"SetPaused true": func(p *proxy.Proxy) (string, error) { return "", p.SetPaused(context.Background(), true) },
	"RevertJob x 3": func(p *proxy.Proxy) (string, error) {
		r, err := p.RevertJob(context.Background(), "x", 3)
		return owner(r), err
	},
	"Restore 2": func(p *proxy.Proxy) (string, error) {
		_, err := p.Restore(context.Background(), make([]dkron.Record, 2))
		return "", err
	},
	"Stop {x 0 } why": func(p *proxy.Proxy) (string, error) {
		_, err := p.Stop(context.Background(), dkron.StopTarget{Job: "x"}, "why")
		return "", err
	},
	"Configure 9": func(p *proxy.Proxy) (string, error) {
		return "", p.Configure(context.Background(), dkron.Settings{TotalBytes: 9})
	},
}

func owner(r *dkron.Record) string {
	if r == nil {
		return ""
	}
	return r.Job.Owner
}

func TestEveryUseCaseIsTested(t *testing.T) {
	names := []string{"Sync"} // which changes nothing: sync_test.go
	for name := range calls {
		name, _, _ = strings.Cut(name, " ")
		names = append(names, name)
	}
	for m := range reflect.TypeFor[*proxy.Proxy]().Methods() {
		if !slices.Contains(names, m.Name) {
			t.Errorf("%s is not tested", m.Name)
		}
	}
}

func TestLeaderAnswersItself(t *testing.T) {
	for name, call := range calls {
		p, local, _ := newProxy()
		who, err := call(p)
		if want := []string{"local " + name}; err != nil || !slices.Equal(local.asked, want) || who != "local" && who != "" {
			t.Errorf("%s: %s answered, %v; asked %v", name, who, err, local.asked)
		}
	}
}

func TestAnErrorOfTheLeaderItselfIsFinal(t *testing.T) {
	for name, call := range calls {
		for _, refusal := range []error{dkron.ErrNotFound, dkron.ErrUnavailable, dkron.ErrConflict, context.Canceled} {
			p, local, _ := newProxy()
			local.err = refusal
			if _, err := call(p); !errors.Is(err, refusal) || len(local.asked) != 1 {
				t.Errorf("%s: %v; asked %v", name, err, local.asked)
			}
		}
	}
}

func TestOthersAskTheLeaderOnceAndWaitForTheChange(t *testing.T) {
	for name, call := range calls {
		p, local, _ := newProxy()
		local.err = fmt.Errorf("propose: %w", dkron.ErrNoLeader)
		who, err := call(p)
		want := []string{"local " + name, "who leads", "leader " + name, "wait for 42"}
		if err != nil || !slices.Equal(local.asked, want) || who != "leader" && who != "" {
			t.Errorf("%s: %s answered, %v; asked %v", name, who, err, local.asked)
		}
	}
}

func TestLeaderThatFailsOrIsNoneIsNotAskedAgain(t *testing.T) {
	for name, call := range calls {
		for _, refusal := range []error{dkron.ErrNoLeader, dkron.ErrUnavailable, dkron.ErrPaused} {
			p, local, c := newProxy()
			local.err, c.leader.err = dkron.ErrNoLeader, refusal
			want := []string{"local " + name, "who leads", "leader " + name}
			if _, err := call(p); !errors.Is(err, refusal) || !slices.Equal(local.asked, want) {
				t.Errorf("%s: %v; asked %v", name, err, local.asked)
			}
		}
	}
}

func TestWithoutALeaderThatIsTheError(t *testing.T) {
	for name, call := range calls {
		p, local, c := newProxy()
		local.err, c.none = dkron.ErrNoLeader, fmt.Errorf("nobody: %w", dkron.ErrNoLeader)
		want := []string{"local " + name, "who leads"}
		if _, err := call(p); !errors.Is(err, dkron.ErrNoLeader) || !slices.Equal(local.asked, want) {
			t.Errorf("%s: %v; asked %v", name, err, local.asked)
		}
	}
}

func TestServerThatDoesNotCatchUpSaysThatTheChangeIsMade(t *testing.T) {
	for name, call := range calls {
		p, local, c := newProxy()
		local.err, c.applied = dkron.ErrNoLeader, context.DeadlineExceeded
		_, err := call(p)
		if !errors.Is(err, dkron.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the change is made") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
