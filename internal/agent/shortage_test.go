package agent

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"dkron"
	"dkron/plugin"
)

var errShort = fmt.Errorf("%w: %w", plugin.ErrShortage, syscall.EMFILE)

func TestAShortageIsNotAFailureOfTheRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		lacks := 5
		e := &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			if lacks > 0 {
				lacks--
				return nil, errShort
			}
			return &plugin.ExecuteResponse{}, nil
		}}
		a := open(t, t.TempDir(), e)
		counted := 0
		a.cfg.OnShortage = func() { counted++ }
		l := attach(t, a, 1)
		began := time.Now()
		l.order(order("job", 1))
		time.Sleep(2 * time.Second)
		if r := l.results(); len(r) != 0 {
			t.Fatalf("it ended during the shortage: %+v", r)
		}
		time.Sleep(3 * time.Second)
		r := l.only()
		if r.Outcome != dkron.Success || counted != 5 {
			t.Errorf("%+v after %d shortages", r, counted)
		}
		if r.StartedAt.Sub(began) < 3*time.Second {
			t.Errorf("it began at %s, before the attempt that succeeded", r.StartedAt.Sub(began))
		}
	})
}

func TestAShortageThatLastsEndsWithItsReason(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			return nil, errShort
		}}
		l := attach(t, open(t, t.TempDir(), e), 1)
		l.order(order("job", 1))
		time.Sleep(shortageLimit + time.Second)
		r := l.only()
		if r.Outcome != dkron.Failed || !strings.Contains(r.Error, "not started within 2 min") || !strings.Contains(r.Error, "too many open files") {
			t.Errorf("%+v", r)
		}
		if n := len(e.started()); n > 40 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestAStopEndsWhatWaitsForResources(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			return nil, errShort
		}}
		l := attach(t, open(t, t.TempDir(), e), 1)
		o := order("job", 1)
		l.order(o)
		time.Sleep(time.Second)
		l.say(&dkron.ToNode{Stops: []dkron.Order{o}})
		time.Sleep(time.Second)
		if r := l.only(); r.Outcome != dkron.Stopped || r.Error != errNeverBegan.Error() {
			t.Errorf("%+v", r)
		}
	})
}
