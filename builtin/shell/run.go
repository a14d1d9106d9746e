package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const (
	// drainTime is how long, after the kill, output is still read from a pipe that an unknown process holds open.
	drainTime = 250 * time.Millisecond
	// lingerTime is how long, after the command's exit, output is still read from a pipe that its children hold open.
	lingerTime = 2 * time.Second
)

// run is one command from its start, or its adoption, to its end.
//
// It ends in one of two ways, decided under the mutex: the command exits by itself, or a verdict is set and the kill
// goroutine ends it. After that nothing is signalled any more, because the numbers of its processes may be reused: what
// the command left running continues, and only its names are reported.
type run struct {
	plan    *plan
	status  plugin.Status
	stdin   *stdin
	out     *os.File // nil when an adopted command's output can't be reached
	leader  leader
	tree    *tree
	sample  *sample
	leaks   *leaks
	started time.Time

	stops []func() // what watch has armed

	mu      sync.Mutex // guards over and verdict
	over    bool
	verdict *verdict

	killed    chan struct{} // closed when the kill is finished
	survivors []string      // what survived; read only after killed is closed
}

// leader is the process that the executor started.
type leader interface {
	// await blocks until the process has ended.
	await()
	// outcome returns how the process ended and reaps it. It is called once, after await; nil means that it can't be
	// known.
	outcome() *outcome
}

// outcome is how a process ended: an empty text is a success.
type outcome struct {
	text     string
	exitCode *int
	used     used
}

// verdict is the reason why a command is ended early. It is set before the first signal, so that the command's end
// can't be mistaken for its own.
type verdict struct {
	err      string
	message  string // appended to the output
	timedOut bool
	memory   uint64 // what the tree used when it was over its limit, else 0
	reason   string // for people
}

const errKilled = "signal: killed"

func (p *plan) timeoutVerdict() *verdict {
	return &verdict{err: errKilled, timedOut: true, reason: "timed out after " + plugin.InWords(p.timeout), message: fmt.Sprintf(
		"shell: Job '%s' execution time exceeding defined timeout %s. Job was killed", p.command, p.timeout)}
}

func (p *plan) memoryVerdict(used uint64) *verdict {
	return &verdict{err: errKilled, memory: used, reason: "killed: over its memory limit of " + keys.SizeInWords(p.memLimit), message: fmt.Sprintf(
		"shell: Job '%s' memory usage (%d bytes) exceeding defined limit (%d bytes). Job was killed",
		p.command, used, p.memLimit)}
}

func stopVerdict(ctx context.Context) *verdict {
	cause := context.Cause(ctx)
	if errors.Is(cause, plugin.ErrStopped) {
		return &verdict{err: plugin.ErrStopped.Error()}
	}
	return &verdict{err: fmt.Sprintf("stopped: %v", cause)}
}

// watch arms everything that may end the command early. timeout counts from now; 0 is none.
func (r *run) watch(ctx context.Context, timeout time.Duration) {
	stopCtx := context.AfterFunc(ctx, func() { r.end(stopVerdict(ctx)) })
	r.stops = append(r.stops, func() { stopCtx() })
	if timeout > 0 {
		timer := time.AfterFunc(timeout, func() { r.end(r.plan.timeoutVerdict()) })
		r.stops = append(r.stops, func() { timer.Stop() })
	}
	if r.plan.memLimit > 0 {
		r.stops = append(r.stops, r.watchMemory())
	}
}

func (r *run) unwatch() {
	for _, stop := range r.stops {
		stop()
	}
}

// end sets a verdict. The first one counts, and none does if the command has already ended.
func (r *run) end(v *verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || r.verdict != nil {
		return
	}
	r.verdict = v
	go r.kill()
}

// follow passes the output on until its end, or until lingerTime after the command's exit, and returns the response.
func (r *run) follow() (*plugin.ExecuteResponse, error) {
	defer r.sample.end()
	exited := make(chan struct{})
	go func() {
		r.leader.await()
		r.exit()
		close(exited)
	}()
	var cut error
	if r.out != nil {
		cut = pump(r.out, r.status)
	}
	select {
	case <-exited:
	case <-r.killed:
	}
	r.mu.Lock()
	v := r.verdict
	r.mu.Unlock()
	if v != nil {
		return r.ended(v, cut, exited), nil
	}
	left, result := r.release(cut)
	if result == nil {
		return &plugin.ExecuteResponse{Error: unknownExit, LeftRunning: left, Usage: r.usage(nil)}, plugin.ErrUnknownOutcome
	}
	return &plugin.ExecuteResponse{
		Error: result.text, ExitCode: result.exitCode, LeftRunning: left, Usage: r.usage(result),
	}, nil
}

// exit makes the command's own end count, unless a verdict was set before.
func (r *run) exit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.verdict != nil {
		return
	}
	r.over = true
	r.readFor(lingerTime)
}

// readFor ends the reading of the output after d, unless it ends before.
func (r *run) readFor(d time.Duration) {
	if r.out != nil && r.out.SetReadDeadline(time.Now().Add(d)) != nil {
		time.AfterFunc(d, func() { r.out.Close() }) // a system without deadlines for pipes
	}
}

// release lets go of a command that has exited by itself: it names what still runs and reaps the leader, whose outcome
// it returns.
func (r *run) release(cut error) (left []string, result *outcome) {
	if errors.Is(cut, os.ErrDeadlineExceeded) {
		left = r.tree.left()
		result = r.leader.outcome()
		r.leaks.take(r.out)
		return left, result
	}
	if r.out != nil {
		r.out.Close()
	}
	// The leader counts as a member of its own group until it is reaped. Scanning all processes at each end of a
	// command would cost too much.
	if result = r.leader.outcome(); r.tree.hasGroup() {
		left = r.tree.left()
	}
	return left, result
}

// ended completes a command that was killed, and reports what survived.
func (r *run) ended(v *verdict, cut error, exited <-chan struct{}) *plugin.ExecuteResponse {
	<-r.killed
	if r.out != nil {
		r.out.Close()
	}
	result := r.reap(exited)
	notes := v.message
	if len(r.survivors) > 0 {
		notes += "\nshell: survived the kill: " + strings.Join(r.survivors, ", ")
	}
	if errors.Is(cut, os.ErrDeadlineExceeded) {
		notes += "\nshell: the output was closed although a process still holds it open"
	}
	if notes != "" {
		r.status.Write([]byte(notes), true)
	}
	return &plugin.ExecuteResponse{
		Error: v.err, TimedOut: v.timedOut, LeftRunning: r.survivors, Reason: v.reason, Usage: r.usage(result),
	}
}

// reap reaps the leader of a command that was killed. One that survives even SIGKILL is reaped whenever it ends; then
// nil is returned.
func (r *run) reap(exited <-chan struct{}) *outcome {
	late := time.NewTimer(killTime)
	defer late.Stop()
	if len(r.survivors) > 0 {
		late.Reset(0)
	}
	select {
	case <-exited:
		return r.leader.outcome()
	case <-late.C:
		go func() {
			<-exited
			r.leader.outcome()
		}()
		return nil
	}
}
