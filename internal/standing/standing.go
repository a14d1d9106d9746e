package standing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/roster"
)

const (
	// readyWithin is how many entries a ready server may lack after it has caught up once.
	readyWithin = 1000
	// askLeader is how long the leader may take to report its applied index.
	askLeader = 500 * time.Millisecond
	// askAgain is the pause before a leader that did not answer is asked again.
	askAgain = 50 * time.Millisecond
	// askServer is how long a server may take to report.
	askServer = 2 * time.Second
)

// Log is this server's log.
type Log interface {
	Leader() (id, addr string)
	Term() uint64
	Applied() uint64
	LastIndex() uint64
	// Health returns why the log can't be written, nil if it can.
	Health() error
}

// Waiter waits for the log.
type Waiter interface {
	AwaitLeader(ctx context.Context) error
	WaitApplied(ctx context.Context, index uint64) error
}

// Servers is the servers of Raft's configuration.
type Servers interface {
	Servers() ([]roster.Server, error)
	// LeaderApplied asks the leader for the index of its state.
	LeaderApplied(ctx context.Context) (uint64, error)
	// Report asks a server. Its error is an ErrUnserved if the server is of a version that can't be asked.
	Report(ctx context.Context, server roster.Server) (*Report, error)
	// NodeLoads asks the leader how busy the nodes are. It fails on the leader itself.
	NodeLoads(ctx context.Context) ([]dkron.NodeLoad, error)
}

// Loads is how busy the nodes are. Only the leader knows.
type Loads interface{ Loads() []dkron.NodeLoad }

// ErrUnserved is wrapped by the error of a server that answers, but does not know the call.
var ErrUnserved = errors.New("not served by this node")

// Config is what a Standing needs.
type Config struct {
	Name    string // of this server
	Cluster func() string
	Log     Log
	Waiter  Waiter
	Servers Servers
	View    *roster.View
	Loads   Loads
	// State returns why the state can't be written, nil if it can.
	State func() error
	// Leaving returns why this server is about to stop, nil if it is not.
	Leaving  func() error
	Notices  *Notices
	Progress *Progress
	Logger   *slog.Logger
}

// Standing answers for this server.
type Standing struct {
	Config
	http atomic.Pointer[string]
}

// New returns the standing of a server.
func New(cfg Config) *Standing { return &Standing{Config: cfg} }

// ServesAt publishes the host:port of this server's API as others reach it.
func (s *Standing) ServesAt(addr string) { s.http.Store(&addr) }

// Serves returns it, "" as long as nothing is served.
func (s *Standing) Serves() string {
	if addr := s.http.Load(); addr != nil {
		return *addr
	}
	return ""
}

// Ready returns nil if this server should get requests: it has a leader, has caught up with it, can write, and is not
// about to stop. Otherwise it returns the reason.
func (s *Standing) Ready() error {
	if err := s.Leaving(); err != nil {
		return err
	}
	if err := s.Log.Health(); err != nil {
		return err
	}
	if err := s.State(); err != nil {
		return fmt.Errorf("the state can't be written: %w", err)
	}
	last, err := s.leaderIndex(context.Background())
	if errors.Is(err, dkron.ErrNoLeader) {
		return err
	}
	if !s.Progress.CaughtUp() {
		if err == nil {
			s.Progress.aim(last)
		}
		if s.Progress.reached(s.Log.Applied()) {
			return nil
		}
		if goal := s.Progress.goal.Load(); goal > 0 {
			return fmt.Errorf("this server has just started and is %d entries behind", goal-min(goal, s.Log.Applied()))
		}
		return errors.New("this server has just started and does not know yet how far it is behind")
	}
	if applied := s.Log.Applied(); applied+readyWithin < last {
		return fmt.Errorf("this server is %d entries behind", last-applied)
	}
	return nil
}

// leaderIndex returns the end of the log as far as this server can know it: the leader's applied index if the leader
// answers, and the end of its own log. A follower's own log does not show what it lacks. The error is ErrNoLeader, or
// why the leader did not answer.
func (s *Standing) leaderIndex(ctx context.Context) (uint64, error) {
	own := s.Log.LastIndex()
	id, _ := s.Log.Leader()
	switch id {
	case "":
		return own, dkron.ErrNoLeader
	case s.Name:
		return own, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askLeader)
	defer cancel()
	applied, err := s.Servers.LeaderApplied(ctx)
	if errors.Is(err, dkron.ErrNoLeader) {
		return own, err
	}
	if err != nil {
		return own, fmt.Errorf("ask the leader: %w", err)
	}
	return max(own, applied), nil
}

// CatchUp returns when this server has applied the leader's log as it was when this server found a leader, or when ctx
// ends.
func (s *Standing) CatchUp(ctx context.Context) {
	for ctx.Err() == nil && !s.Progress.CaughtUp() {
		if goal := s.Progress.goal.Load(); goal > 0 {
			if s.Waiter.WaitApplied(ctx, goal) != nil {
				return // ctx or the log has ended
			}
			s.Progress.reached(s.Log.Applied())
			continue
		}
		if s.Waiter.AwaitLeader(ctx) != nil {
			return
		}
		last, err := s.leaderIndex(ctx)
		if err == nil && last > 0 {
			s.Progress.aim(last)
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(askAgain):
		}
	}
}

// Issues returns the faults that keep this server from working.
func (s *Standing) Issues() (list []string) {
	if err := s.Log.Health(); err != nil {
		list = append(list, "log: "+err.Error())
	}
	if err := s.State(); err != nil {
		list = append(list, "state: "+err.Error())
	}
	return list
}

// Report returns this server's report for a survey. It may call the leader, so it can take a moment.
func (s *Standing) Report() Report {
	r := Report{
		Term: s.Log.Term(), Applied: s.Log.Applied(), Last: s.Log.LastIndex(), // in this order: applied is never ahead
	}
	if err := s.Ready(); err != nil {
		r.Reason = err.Error()
	}
	r.Notices = s.Notices.List()
	if addr := s.http.Load(); addr != nil {
		r.HTTP = *addr
	}
	r.Now = clock.Now() // last: the calls before it take time
	return r
}
