package shell

import "time"

// Polling for the end of processes starts fast, because most end at once, and slows down.
const (
	pollFirst = 2 * time.Millisecond
	pollMost  = 100 * time.Millisecond
	killTime  = 2 * time.Second // for SIGKILL to take effect; longer is a process that hangs in the kernel
)

// kill ends everything that the command started: it asks, waits for the grace period, and kills what is left. After it,
// the output stays open for at most drainTime.
func (r *run) kill() {
	defer close(r.killed)
	if r.plan.grace > 0 {
		r.tree.refresh(true, 0)
		r.tree.terminate()
		r.awaitEnd()
	}
	deadline := time.Now().Add(killTime)
	for pause := pollFirst; r.tree.refresh(true, 0) > 0; pause = min(2*pause, pollMost) {
		if time.Now().After(deadline) {
			r.survivors = r.tree.left()
			break
		}
		r.tree.kill()
		time.Sleep(pause)
	}
	r.readFor(drainTime)
}

// awaitEnd returns when nothing lives any more or the grace period is over. The grace period is for cleaning up: a
// command that is ended for its memory use loses it when it uses more.
func (r *run) awaitEnd() {
	deadline := time.Now().Add(r.plan.grace)
	for pause := pollFirst; r.tree.refresh(false, 0) > 0; pause = min(2*pause, pollMost) {
		left := time.Until(deadline)
		if left <= 0 || r.verdict.memory > 0 && r.tree.memory() > r.verdict.memory {
			return
		}
		time.Sleep(min(pause, left))
	}
}
