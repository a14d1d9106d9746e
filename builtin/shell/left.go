package shell

import (
	"log/slog"
	"os"
	"time"

	"dkron/plugin"
)

const (
	maxNamed = 10  // most processes left running that are named
	maxLeaks = 256 // most pipes of such processes that the node reads
)

// leaks reads and discards the output of processes that commands left running: otherwise they would block once the pipe
// is full.
type leaks struct {
	log   *slog.Logger
	slots chan struct{} // holds one token for each pipe that is read
}

func newLeaks(log *slog.Logger) *leaks {
	return &leaks{log: log, slots: make(chan struct{}, maxLeaks)}
}

// take reads a pipe to its end in the background, and closes it.
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

// nobody is a Status that discards everything.
type nobody struct{}

func (nobody) Write([]byte, bool)   {}
func (nobody) Started([]byte) error { return nil }

var _ plugin.Status = nobody{}
