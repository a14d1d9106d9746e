package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/proxy"
	"dkron/internal/request"
)

// journal records, in order, which server got which call.
type journal struct{ asked []string }

func (j *journal) note(format string, args ...any) {
	j.asked = append(j.asked, fmt.Sprintf(format, args...))
}

// server carries out requests as one server. Its replies carry its name.
type server struct {
	*journal
	name  string
	index uint64
	err   error
}

func (s *server) Do(_ context.Context, r request.Request) (request.Reply, uint64, error) {
	s.note("%s %s", s.name, r.Name())
	if s.err != nil {
		return nil, 0, s.err
	}
	return &request.Restored{Names: []string{s.name}}, s.index, nil
}

// cluster is a server's view of the cluster.
type cluster struct {
	*journal
	leader  *server
	none    error
	applied error
	behind  bool // it never catches up
}

func (c *cluster) Remote(context.Context) (request.Doer, error) {
	c.note("who leads")
	if c.none != nil {
		return nil, c.none
	}
	return c.leader, nil
}

func (c *cluster) WaitApplied(ctx context.Context, index uint64) error {
	c.note("wait for %d", index)
	if c.behind {
		<-ctx.Done()
		return ctx.Err()
	}
	return c.applied
}

func newProxy() (*proxy.Proxy, *server, *cluster) {
	j := new(journal)
	local := &server{journal: j, name: "local", index: 1}
	c := &cluster{journal: j, leader: &server{journal: j, name: "leader", index: 42}}
	return proxy.New(local, c), local, c
}

// do asks for a restore and returns who answered.
func do(p *proxy.Proxy) (string, uint64, error) {
	reply, index, err := p.Do(context.Background(), new(request.Restore))
	if err != nil {
		if reply != nil {
			return "a reply beside an error", index, err
		}
		return "", index, err
	}
	return reply.(*request.Restored).Names[0], index, nil
}

func TestLeaderAnswersItself(t *testing.T) {
	p, local, _ := newProxy()
	who, index, err := do(p)
	if err != nil || !slices.Equal(local.asked, []string{"local Restore"}) || who != "local" || index != 1 {
		t.Errorf("%s answered at %d, %v; asked %v", who, index, err, local.asked)
	}
}

func TestAnErrorOfTheLeaderItselfIsFinal(t *testing.T) {
	for _, refusal := range []error{dkron.ErrNotFound, dkron.ErrUnavailable, dkron.ErrConflict, context.Canceled} {
		p, local, _ := newProxy()
		local.err = refusal
		if who, _, err := do(p); !errors.Is(err, refusal) || len(local.asked) != 1 || who != "" {
			t.Errorf("%s, %v; asked %v", who, err, local.asked)
		}
	}
}

func TestOthersAskTheLeaderOnceAndWaitForTheChange(t *testing.T) {
	p, local, _ := newProxy()
	local.err = fmt.Errorf("propose: %w", dkron.ErrNoLeader)
	who, index, err := do(p)
	want := []string{"local Restore", "who leads", "leader Restore", "wait for 42"}
	if err != nil || !slices.Equal(local.asked, want) || who != "leader" || index != 42 {
		t.Errorf("%s answered at %d, %v; asked %v", who, index, err, local.asked)
	}
}

func TestLeaderThatFailsOrIsNoneIsNotAskedAgain(t *testing.T) {
	for _, refusal := range []error{dkron.ErrNoLeader, dkron.ErrUnavailable, dkron.ErrPaused} {
		p, local, c := newProxy()
		local.err, c.leader.err = dkron.ErrNoLeader, refusal
		want := []string{"local Restore", "who leads", "leader Restore"}
		if who, _, err := do(p); !errors.Is(err, refusal) || !slices.Equal(local.asked, want) || who != "" {
			t.Errorf("%s, %v; asked %v", who, err, local.asked)
		}
	}
}

func TestWithoutALeaderThatIsTheError(t *testing.T) {
	p, local, c := newProxy()
	local.err, c.none = dkron.ErrNoLeader, fmt.Errorf("nobody: %w", dkron.ErrNoLeader)
	want := []string{"local Restore", "who leads"}
	if who, _, err := do(p); !errors.Is(err, dkron.ErrNoLeader) || !slices.Equal(local.asked, want) || who != "" {
		t.Errorf("%s, %v; asked %v", who, err, local.asked)
	}
}

func TestServerThatDoesNotCatchUpSaysThatTheChangeIsMade(t *testing.T) {
	p, local, c := newProxy()
	local.err, c.applied = dkron.ErrNoLeader, context.DeadlineExceeded
	who, _, err := do(p)
	if !errors.Is(err, dkron.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the change is made") || who != "" {
		t.Errorf("%s, %v", who, err)
	}
}

func TestTheWaitForThisServerIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, local, c := newProxy()
		local.err, c.behind = dkron.ErrNoLeader, true
		began := time.Now()
		if _, _, err := do(p); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("a change: %v after %s", err, time.Since(began))
		}
		began = time.Now()
		if err := p.Sync(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("a read: %v after %s", err, time.Since(began))
		}
	})
}
