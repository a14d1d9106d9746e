//go:build unix

package shell

import (
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"dkron/plugin"
)

// drainReads bounds how much is read from a pipe after its deadline: more than it can hold, but finite if a process
// never stops writing.
const drainReads = 64

// pump passes everything from the pipe to status. It returns nil at the end of the output. If a deadline was set on the
// pipe, because the end does not come, it reads what is there and returns os.ErrDeadlineExceeded.
func pump(pipe *os.File, status plugin.Status) error {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return err
	}
	for err == nil {
		var c chunk
		if err = raw.Read(c.read); err == nil {
			err = c.pass(status)
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = drain(raw, status, err)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// drain reads without waiting, and returns cut if the end doesn't come.
func drain(raw syscall.RawConn, status plugin.Status, cut error) error {
	for range drainReads {
		var c chunk
		ready := false
		if err := raw.Control(func(fd uintptr) { ready = c.read(fd) }); err != nil || !ready {
			return cut
		}
		if err := c.pass(status); err != nil {
			return err
		}
	}
	return cut
}

// chunk is one read from a pipe. It takes a buffer only when there is something to read.
type chunk struct {
	buf *[32 << 10]byte
	n   int
	err error
}

// read returns false when there is nothing to read yet.
func (c *chunk) read(fd uintptr) bool {
	c.buf = chunks.Get().(*[32 << 10]byte)
	for {
		if c.n, c.err = unix.Read(int(fd), c.buf[:]); !errors.Is(c.err, unix.EINTR) {
			break
		}
	}
	if errors.Is(c.err, unix.EAGAIN) {
		chunks.Put(c.buf)
		c.buf = nil
		return false
	}
	return true
}

// pass passes on what was read, and returns the buffer. It returns io.EOF at the end.
func (c *chunk) pass(status plugin.Status) error {
	defer chunks.Put(c.buf)
	if c.err != nil {
		return c.err
	}
	if c.n == 0 {
		return io.EOF
	}
	status.Write(c.buf[:c.n], false)
	return nil
}
