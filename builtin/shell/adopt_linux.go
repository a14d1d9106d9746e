package shell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"dkron/plugin"
)

// handle is what Adopt needs to find the command again.
func (r *run) handle() []byte {
	lead := r.tree.leader
	h := handle{PID: lead.pid, Start: lead.start, PGID: lead.pid, Boot: bootID(), Pipe: r.tree.inode}
	if r.plan.timeout > 0 {
		h.Deadline = r.started.Add(r.plan.timeout).UTC()
	}
	return h.encode()
}

// Adopt follows a command that an earlier process of the agent started: its unread output, its limits and its end. If
// the command is gone, it starts and kills nothing.
func (e *Executor) Adopt(ctx context.Context, req *plugin.ExecuteRequest, text []byte, status plugin.Status) (
	*plugin.ExecuteResponse, error) {
	var h handle
	if err := json.Unmarshal(text, &h); err != nil {
		return unknown("the command can't be found: handle: %v", err)
	}
	if h.Boot != bootID() {
		return unknown("the machine was restarted while the command ran")
	}
	p := adoptedPlan(req)
	e.own.hold(h.PID) // it may be our child, as that of process 1 is
	defer e.own.release(h.PID)
	id := processID{pid: h.PID, start: h.Start}
	t := &tree{table: e.table, tag: p.tag, inode: h.Pipe, leader: id, known: make(map[processID]struct{})}
	lead, ok := findLeader(id)
	others := t.refresh(true, 0)
	out := t.openOutput()
	if !ok {
		return e.abandoned(t, out, status, others)
	}
	r := &run{
		plan: p, status: status, out: out, leader: lead, tree: t, leaks: e.leaks, sample: e.samples.add(h.PGID),
		killed: make(chan struct{}),
	}
	var left time.Duration
	// For a command that has already ended, assume that it ended in time.
	if !h.Deadline.IsZero() && !lead.ended {
		left = max(time.Until(h.Deadline), 1)
	}
	r.watch(ctx, left)
	defer r.unwatch()
	return r.follow()
}

func unknown(format string, args ...any) (*plugin.ExecuteResponse, error) {
	return &plugin.ExecuteResponse{Error: fmt.Sprintf(format, args...)}, plugin.ErrUnknownOutcome
}

// adoptedPlan takes what is needed to follow the command from the request. The configuration was checked when the
// command started.
func adoptedPlan(req *plugin.ExecuteRequest) *plan {
	p := &plan{command: req.Config["command"], tag: executionTag(req.JobName, req.ExecutionID)}
	p.limits, _ = parseLimits(req.Config)
	return p
}

// abandoned saves the readable output of a command whose leader is gone, and reports which processes it left.
func (e *Executor) abandoned(t *tree, out *os.File, status plugin.Status, others int) (*plugin.ExecuteResponse, error) {
	if out != nil {
		_ = out.SetReadDeadline(time.Now().Add(drainTime))
		if cut := pump(out, status); errors.Is(cut, os.ErrDeadlineExceeded) {
			e.leaks.take(out)
		} else {
			out.Close()
		}
	}
	if others == 0 {
		return unknown("the command ended while the agent was down")
	}
	left := t.living()
	resp, err := unknown("the command ended while the agent was down; still running: %s", strings.Join(left, ", "))
	resp.LeftRunning = left
	return resp, err
}

// openOutput opens the output pipe again through a process that holds it; nil if none does.
func (t *tree) openOutput() *os.File {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.live {
		p := &t.live[i]
		for n, inode := range p.pipes {
			if t.inode == 0 || inode != t.inode {
				continue
			}
			path := procPath(p.pid, "/fd/"+strconv.Itoa(n+1))
			fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
			if err != nil {
				continue
			}
			var stat unix.Stat_t
			if unix.Fstat(fd, &stat) == nil && stat.Ino == t.inode {
				return os.NewFile(uintptr(fd), "output")
			}
			unix.Close(fd)
		}
	}
	return nil
}
