package docker

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/moby/moby/client"

	"dkron/plugin"
)

// chunkSize bounds a piece of output.
const chunkSize = 32 << 10

// endLimit is how long the end of a container may come after the end of its output.
const endLimit = 2 * time.Second

// read passes the container's output on until there is no more after the container's end. When the engine breaks off, it
// reads the log again and skips what it has passed on. ended is closed when the container has ended.
func (r *run) read(ctx context.Context, ended <-chan struct{}) {
	position := &position{out: r.out, skip: r.skip, passed: &r.passed}
	for {
		whole := r.readOnce(ctx, position)
		over := false
		select {
		case <-ended:
			over = true
		case <-ctx.Done():
			return
		case <-time.After(endLimit): // the engine breaks off, or is away
		}
		if over && whole && position.complete() {
			return
		}
		if over { // the rest, once: an engine may end a log before it has the last line
			r.readOnce(ctx, position)
			return
		}
	}
}

// readOnce reads the log from its start to its end, and reports whether the engine ended it.
func (r *run) readOnce(ctx context.Context, p *position) bool {
	stream, err := r.api.ContainerLogs(ctx, r.id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: true})
	if err != nil {
		return false
	}
	defer stream.Close()
	p.at = 0
	return p.copy(stream) == nil
}

// position is how much of the output has been passed on.
type position struct {
	out  plugin.Status
	at   int64 // in the log that is being read
	skip int64 // what lies before is with the agent
	last byte  // the last one that was passed on

	passed *atomic.Int64 // bytes that have come
}

// complete reports whether what was read ends as the output of most commands does.
func (p *position) complete() bool { return p.at > 0 && p.last == '\n' }

// copy passes on what a log has: frames with a head of eight bytes, of which the first is the stream and the last four
// are the length.
func (p *position) copy(log io.Reader) error {
	var head [8]byte
	buffer := make([]byte, chunkSize)
	for {
		if _, err := io.ReadFull(log, head[:]); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		stream := head[0]
		if stream > 3 || head[1] != 0 || head[2] != 0 || head[3] != 0 {
			return fmt.Errorf("a frame begins with %x", head)
		}
		for left := int64(binary.BigEndian.Uint32(head[4:])); left > 0; {
			n, err := log.Read(buffer[:min(left, chunkSize)])
			left -= int64(n)
			if stream != 3 { // 3 is what the engine itself says
				p.pass(buffer[:n], stream == 2)
			}
			if err != nil && left > 0 {
				return err
			}
		}
	}
}

// pass writes what the agent does not have yet.
func (p *position) pass(chunk []byte, isError bool) {
	old := max(0, min(p.skip-p.at, int64(len(chunk))))
	p.at += int64(len(chunk))
	p.passed.Add(int64(len(chunk)))
	if chunk = chunk[old:]; len(chunk) > 0 {
		p.out.Write(chunk, isError)
		p.skip, p.last = p.at, chunk[len(chunk)-1]
	}
}
