package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"dkron"
)

// Bounds of one proposal of results.
const (
	maxResults     = 2048
	maxResultBytes = 2 << 20
)

// gatherer collects results from all nodes and proposes those that came while the previous proposal was under way.
// Nodes keep their results until they hear that a quorum has them.
type gatherer struct {
	control  Controller
	fleet    *Fleet
	recorded func(results []dkron.Result, took time.Duration)
	log      *slog.Logger
	wake     chan struct{} // capacity 1

	mu      sync.Mutex // guards results
	results []gathered
}

type gathered struct {
	node   string // to notify of the commit; "" for none
	result dkron.Result
}

func newGatherer(control Controller, fleet *Fleet, recorded func([]dkron.Result, time.Duration), log *slog.Logger) *gatherer {
	return &gatherer{control: control, fleet: fleet, recorded: recorded, log: log, wake: make(chan struct{}, 1)}
}

func (g *gatherer) add(node string, results []dkron.Result) {
	if len(results) == 0 {
		return
	}
	g.mu.Lock()
	for _, r := range results {
		g.results = append(g.results, gathered{node, r})
	}
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

func (g *gatherer) take() []gathered {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, size := 0, 0
	for n < len(g.results) && n < maxResults && size < maxResultBytes {
		size += len(g.results[n].result.Output)
		n++
	}
	out := g.results[:n:n]
	g.results = g.results[n:]
	return out
}

func (g *gatherer) run(ctx context.Context) {
	for {
		batch := g.take()
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-g.wake:
			}
			continue
		}
		if !g.commit(ctx, batch) {
			return
		}
	}
}

// commit proposes a batch until it is committed or the term ends, and informs the nodes.
func (g *gatherer) commit(ctx context.Context, batch []gathered) bool {
	results := make([]dkron.Result, len(batch))
	for i := range batch {
		results[i] = batch[i].result
	}
	for {
		began := time.Now()
		err := g.control.Finish(ctx, results)
		if err == nil {
			g.recorded(results, time.Since(began))
			break
		}
		if ctx.Err() != nil {
			return false
		}
		g.log.Warn("could not record results; trying again; nodes keep them until then", "results", len(results), "error", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
	refs := make(map[string][]dkron.ExecutionRef)
	for i := range batch {
		if n := batch[i].node; n != "" {
			refs[n] = append(refs[n], batch[i].result.Ref())
		}
	}
	for node, r := range refs {
		g.fleet.link(node).accept(r)
	}
	return true
}
