package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"dkron"
)

const (
	// readyWithin is how many entries a server that has caught up once may be behind and still be ready.
	readyWithin = 1000
	// askLeader is how long the leader may take to say where its log stands.
	askLeader = 500 * time.Millisecond
	// catchUpEvery is how often a server that starts looks whether it has caught up.
	catchUpEvery = 50 * time.Millisecond
)

// progress is how far a server has come since it started.
type progress struct {
	goal     atomic.Uint64 // where the first leader's log stood; 0 while that is not known
	caughtUp atomic.Bool   // the state has reached goal once
}

var errStopping = errors.New("this server is stopping")

// ready returns why this server should get no requests, nil if it should: it has a leader, has caught up with it, can
// write, and is not about to go.
func (s *server) ready() error {
	if s.node.ending.Load() {
		return errStopping
	}
	if err := s.consensus.Health(); err != nil {
		return err
	}
	if err := s.machine.Health(); err != nil {
		return fmt.Errorf("the state can't be written: %w", err)
	}
	last, err := s.leaderIndex()
	if errors.Is(err, dkron.ErrNoLeader) {
		return err
	}
	if !s.progress.caughtUp.Load() {
		s.advance(last, err)
		if s.progress.caughtUp.Load() {
			return nil
		}
		if goal := s.progress.goal.Load(); goal > 0 {
			return fmt.Errorf("this server has just started and is %d entries behind", goal-min(goal, s.consensus.Applied()))
		}
		return errors.New("this server has just started and does not know yet how far it is behind")
	}
	if applied := s.consensus.Applied(); applied+readyWithin < last {
		return fmt.Errorf("this server is %d entries behind", last-applied)
	}
	return nil
}

// leaderIndex returns the end of the log as far as it can be known: of the leader's, when that answers, and of this
// server's. A follower can't tell from its own log how far it is behind: what it has not been sent is not in there. The
// error is ErrNoLeader, or why the leader did not answer.
func (s *server) leaderIndex() (uint64, error) {
	own := s.consensus.LastIndex()
	id, _ := s.consensus.Leader()
	switch id {
	case "":
		return own, dkron.ErrNoLeader
	case s.node.cfg.NodeName:
		return own, nil
	}
	client, err := s.leaderClient()
	if err != nil {
		return own, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askLeader)
	defer cancel()
	status, err := client.Status(ctx)
	if err != nil {
		return own, fmt.Errorf("ask the leader: %w", err)
	}
	return max(own, status.Applied), nil
}

// advance sets the goal as soon as a leader has told one, and notes when it is reached.
func (s *server) advance(last uint64, err error) {
	if err == nil {
		s.progress.goal.CompareAndSwap(0, last)
	}
	if goal := s.progress.goal.Load(); goal > 0 && s.consensus.Applied() >= goal {
		s.progress.caughtUp.Store(true)
	}
}

// catchUp returns when this server has caught up with the log as it stood when it found a leader.
func (s *server) catchUp(ctx context.Context) {
	tick := time.NewTicker(catchUpEvery)
	defer tick.Stop()
	for !s.progress.caughtUp.Load() {
		if s.progress.goal.Load() == 0 {
			s.advance(s.leaderIndex())
		} else {
			s.advance(0, nil)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// issues returns what keeps this server from doing its part.
func (s *server) issues() (list []string) {
	if err := s.consensus.Health(); err != nil {
		list = append(list, "log: "+err.Error())
	}
	if err := s.machine.Health(); err != nil {
		list = append(list, "state: "+err.Error())
	}
	return list
}
