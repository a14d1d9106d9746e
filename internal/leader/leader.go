// Package leader turns elections into terms: one context each, and the duties that start and stop with it.
package leader

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Term is a reign of this server. Ctx ends with it.
type Term struct {
	Number uint64
	Ctx    context.Context
}

// Duty is one of the leader's tasks. It runs until its context ends, and starts from the state alone.
type Duty struct {
	Name string
	Run  func(ctx context.Context, term uint64) error
}

// Serve runs the duties of every term until the channel closes. A duty that fails is restarted: no operational error
// may end a term or the process. ended is called after each term with the time that its duties took to end.
func Serve(terms <-chan Term, duties []Duty, ended func(took time.Duration), log *slog.Logger) {
	for t := range terms {
		log.Info("this server leads", "term", t.Number)
		began := time.Now()
		var running sync.WaitGroup
		for _, d := range duties {
			running.Go(func() { perform(t, d, log) })
		}
		<-t.Ctx.Done()
		over := time.Now()
		running.Wait()
		ended(time.Since(over))
		log.Info("this server no longer leads", "term", t.Number, "lasted", time.Since(began).Round(time.Millisecond))
	}
}

func perform(t Term, d Duty, log *slog.Logger) {
	for {
		err := d.Run(t.Ctx, t.Number)
		if t.Ctx.Err() != nil {
			return
		}
		log.Error("a duty of the leader ended early; starting it again", "duty", d.Name, "error", err)
		select {
		case <-t.Ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}
