package shell

import (
	"log/slog"
	"os"
	"time"

	"dkron/plugin"
)

const (
	maxNamed = 10  // of the processes that a command left running
	maxLeaks = 256 // pipes that are read on behalf of such processes, of the whole node
)

// leaks reads and throws away the output of what commands left running. Nobody else reads it, and a process that
// writes to a full pipe blocks.
type leaks struct {
	log   *slog.Logger
	slots chan struct{} // holds one token for each pipe that is read
}

func newLeaks(log *slog.Logger) *leaks {
	return &leaks{log: log, slots: make(chan struct{}, maxLeaks)}
}

// take reads a pipe to its end, and closes it. It returns at once.
func (l *leaks) take(pipe *os.File) {
	select {
	case l.slots <- struct{}{}:
	default:
		l.log.Warn("the output of a process that a command left running is no longer read, because too many run; "+
			"it may block once it has written 64 KiB. Redirect the output of background processes", "limit", maxLeaks)
		pipe.Close()
		return
	}
	go func() {
		defer func() { <-l.slots }()
		defer pipe.Close()
		if pipe.SetReadDeadline(time.Time{}) == nil {
			_ = pump(pipe, nobody{})
		}
	}()
}

// nobody is a Status that throws everything away.
type nobody struct{}

func (nobody) Write([]byte, bool)   {}
func (nobody) Started([]byte) error { return nil }

var _ plugin.Status = nobody{}
