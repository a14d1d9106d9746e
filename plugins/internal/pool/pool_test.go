package pool

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type client struct{ dead, closed atomic.Bool }

func (c *client) Alive() bool { return !c.dead.Load() }
func (c *client) Close() {
	if c.closed.Swap(true) {
		panic("closed twice")
	}
}

// server opens clients.
type server struct {
	opened atomic.Int32
	pause  time.Duration
	err    error
	ended  atomic.Int32 // openings that were given up
}

func (s *server) open(ctx context.Context) (*client, error) {
	select {
	case <-time.After(s.pause):
	case <-ctx.Done():
		s.ended.Add(1)
		return nil, ctx.Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	s.opened.Add(1)
	return new(client), nil
}

func TestExecutionsAtTheSameTimeOpenOneClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool[string, *client]
		s := &server{pause: time.Second}
		for range 1000 {
			go func() {
				_, done, err := p.Use(t.Context(), "a", s.open)
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Second)
				done(false)
			}()
		}
		time.Sleep(5 * time.Second)
		if n := s.opened.Load(); n != 1 {
			t.Errorf("%d clients", n)
		}
		p.Close()
	})
}

func TestAnUnusedClientIsClosedAndABrokenOneServesItsUsersToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool[string, *client]
		s := new(server)
		use := func() (*client, func(bool)) {
			c, done, err := p.Use(t.Context(), "a", s.open)
			if err != nil {
				t.Fatal(err)
			}
			return c, done
		}
		first, done := use()
		done(false)
		time.Sleep(idleTime - time.Second)
		again, done := use()
		time.Sleep(2 * idleTime)
		if again != first || first.closed.Load() {
			t.Error("a client in use was closed, or a kept one not used")
		}
		done(false)
		time.Sleep(idleTime + time.Second)
		if !first.closed.Load() || len(p.byKey) != 0 {
			t.Error("an unused client is kept")
		}
		second, done := use()
		_, other := use()
		done(true)
		synctest.Wait()
		if third, done := use(); third == second || second.closed.Load() {
			t.Error("a broken client is used again, or was closed under its user")
		} else {
			third.dead.Store(true)
			done(false)
			if fourth, done := use(); fourth == third {
				t.Error("a dead client is used")
			} else {
				done(false)
			}
			synctest.Wait()
			if !third.closed.Load() {
				t.Error("a dead client is not closed")
			}
		}
		other(false)
		synctest.Wait()
		if !second.closed.Load() {
			t.Error("the broken client is not closed after its last user")
		}
		p.Close()
	})
}

func TestAnOpeningEndsWithItsLastExecution(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool[string, *client]
		s := &server{pause: time.Hour}
		stopped := errors.New("stopped")
		for i := range 2 {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Duration(i+1)*time.Second, func() { cancel(stopped) })
			go func() {
				if _, _, err := p.Use(ctx, "a", s.open); !errors.Is(err, stopped) {
					t.Error(err)
				}
			}()
		}
		time.Sleep(1500 * time.Millisecond)
		if s.ended.Load() != 0 {
			t.Error("the opening ended with its first execution")
		}
		time.Sleep(time.Second)
		if s.ended.Load() != 1 || len(p.byKey) != 0 {
			t.Error("it still opens")
		}
		s.pause, s.err = 0, errors.New("refused")
		for range 2 {
			if _, _, err := p.Use(t.Context(), "a", s.open); !errors.Is(err, s.err) {
				t.Error(err)
			}
		}
		s.err = nil
		if _, done, err := p.Use(t.Context(), "a", s.open); err != nil {
			t.Errorf("a failed opening is kept: %v", err)
		} else {
			done(false)
		}
		p.Close()
	})
}

func TestTheLeastRecentlyUsedClientMakesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool[int, *client]
		var all []*client
		for i := range maxClients + 1 {
			c, done, err := p.Use(t.Context(), i, new(server).open)
			if err != nil {
				t.Fatal(err)
			}
			done(false)
			all = append(all, c)
		}
		synctest.Wait()
		for i, c := range all {
			if c.closed.Load() != (i == 0) {
				t.Errorf("client %d closed: %t", i, c.closed.Load())
			}
		}
		p.Close()
		synctest.Wait()
		for i, c := range all {
			if !c.closed.Load() {
				t.Errorf("client %d is left", i)
			}
		}
	})
}
