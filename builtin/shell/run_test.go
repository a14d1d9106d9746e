//go:build linux

package shell

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"dkron/plugin"
)

// said is a Status that keeps the output.
type said struct {
	nobody
	out bytes.Buffer
}

func (s *said) Write(chunk []byte, _ bool) { s.out.Write(chunk) }

func TestOutputIsCompleteAlthoughTheJournalWasSlowerThanTheKill(t *testing.T) {
	e, status := New(Options{}), &said{}
	p, err := e.plan(&plugin.ExecuteRequest{Config: map[string]string{"command": "echo said; exec sleep 60", "shell": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.start(p, status)
	if err != nil {
		t.Fatal(err)
	}
	defer r.stdin.feed()()
	ctx, cancel := context.WithCancelCause(t.Context())
	r.watch(ctx, 0)
	defer r.unwatch()

	// While the journal records the handle, nothing reads the pipe.
	pipe, err := r.out.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	wrote := func(fd uintptr) bool {
		n, err := unix.IoctlGetInt(int(fd), unix.TIOCINQ)
		return err != nil || n == len("said\n")
	}
	if err := pipe.Read(wrote); err != nil {
		t.Fatal(err)
	}
	cancel(plugin.ErrStopped)
	<-r.killed
	if err := pipe.Read(func(uintptr) bool { return false }); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the pipe's deadline is not over:", err)
	}

	resp, err := r.follow()
	if err != nil || resp.Error != "stopped on request" || status.out.String() != "said\n" {
		t.Error(resp, err, status.out.String())
	}
}
