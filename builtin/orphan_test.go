package builtin

import (
	"context"
	"log/slog"
	"testing"

	"dkron/plugin"
)

// keeper is an executor that reaps until it is stopped.
type keeper struct {
	plugin.Executor
	begun, ended chan bool
}

func (k keeper) ReapOrphans(ctx context.Context) {
	close(k.begun)
	<-ctx.Done()
	close(k.ended)
}

func TestReapingEndsWhenItIsStopped(t *testing.T) {
	k := keeper{begun: make(chan bool), ended: make(chan bool)}
	e := &Executors{[]row{{"none", nil}, {"keeper", k}}}
	stop := e.reap()
	<-k.begun
	stop()
	select {
	case <-k.ended:
	default:
		t.Error("it still reaps")
	}
}

func TestOnlyProcess1TakesOrphans(t *testing.T) {
	e := &Executors{[]row{{"keeper", keeper{}}}} // it would close channels that are not there
	e.ReapOrphans(slog.New(slog.DiscardHandler))()
}
