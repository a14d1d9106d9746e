package state

import (
	"slices"

	"dkron"
)

// note adds a launch that has not ended. The caller holds mu, or is alone.
func (x *Index) note(l *dkron.Launch) {
	if _, ok := x.owner[l.Number]; ok {
		return
	}
	if x.open[l.JobNumber] == nil {
		x.open[l.JobNumber] = make(map[uint64]struct{})
	}
	x.open[l.JobNumber][l.Number] = struct{}{}
	x.owner[l.Number] = l.JobNumber
}

// follow takes over the launches that a transaction changed; nil stands for one that has ended.
func (x *Index) follow(changed map[uint64]*dkron.Launch) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for n, l := range changed {
		if l != nil {
			x.note(l)
			continue
		}
		job, ok := x.owner[n]
		if !ok {
			continue
		}
		delete(x.owner, n)
		delete(x.open[job], n)
		if len(x.open[job]) == 0 {
			delete(x.open, job)
		}
	}
}

// openLaunches returns the numbers of a job's launches that have not ended, oldest first.
func (x *Index) openLaunches(job uint64) []uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(x.open[job]) == 0 {
		return nil
	}
	list := make([]uint64, 0, len(x.open[job]))
	for n := range x.open[job] {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

// OpenLaunches returns how many launches have not ended.
func (x *Index) OpenLaunches() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.owner)
}
