package shell

import "time"

// sampleEvery is the period in which the memory of a limited command is measured.
const sampleEvery = 200 * time.Millisecond

// watchMemory ends the command when the resident memory of its processes exceeds the limit. The returned function ends
// the watch and waits for it.
func (r *run) watchMemory() (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(sampleEvery)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
			}
			// A slightly older list is enough, so that many limited commands share one.
			r.tree.refresh(false, sampleEvery/2)
			used := r.tree.memory()
			r.sample.note(0, used)
			if used > uint64(r.plan.memLimit) {
				r.end(r.plan.memoryVerdict(used))
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}
