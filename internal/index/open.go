package index

import (
	"slices"

	"dkron"
)

// owner is the job of an open launch. It may have been deleted.
type owner struct {
	job  uint64
	name string
}

// opened is a launch that has not ended: when it was due, or if it runs, when it began; nanoseconds since 1970.
type opened struct {
	at   int64
	runs bool
}

func newOpened(l *dkron.Launch) opened {
	if l.State == dkron.LaunchRunning {
		return opened{nanos(l.Began()), true}
	}
	return opened{nanos(l.Nominal), false}
}

// opening returns what an entry of a job keeps of its open launches.
func (x *Index) opening(job uint64) (o opening) {
	for _, l := range x.open[job] {
		at := &o.waiting
		if l.runs {
			at = &o.running
		}
		if *at == 0 || l.at < *at {
			*at = l.at
		}
	}
	return o
}

// OpenCounts returns how many launches each job has that have not ended, by the job's number.
func (x *Index) OpenCounts() map[uint64]int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	counts := make(map[uint64]int, len(x.open))
	for job, launches := range x.open {
		counts[job] = len(launches)
	}
	return counts
}

// AddOpen adds a launch that has not ended. It is for an index that no one else uses yet.
func (x *Index) AddOpen(l *dkron.Launch) {
	if x.open[l.JobNumber] == nil {
		x.open[l.JobNumber] = make(map[uint64]opened)
		x.called[l.Job] = append(x.called[l.Job], l.JobNumber)
	}
	x.open[l.JobNumber][l.Number] = newOpened(l)
	x.owner[l.Number] = owner{l.JobNumber, l.Job}
}

// updateOpen applies changes of launches, and returns the numbers of their jobs.
func (x *Index) updateOpen(changed map[uint64]*dkron.Launch) (jobs []uint64) {
	for n, l := range changed {
		if l != nil {
			x.AddOpen(l)
			jobs = append(jobs, l.JobNumber)
			continue
		}
		of, ok := x.owner[n]
		if !ok {
			continue
		}
		jobs = append(jobs, of.job)
		delete(x.owner, n)
		delete(x.open[of.job], n)
		if len(x.open[of.job]) > 0 {
			continue
		}
		delete(x.open, of.job)
		x.called[of.name] = slices.DeleteFunc(x.called[of.name], func(job uint64) bool { return job == of.job })
		if len(x.called[of.name]) == 0 {
			delete(x.called, of.name)
		}
	}
	return jobs
}

// OpenJobs returns the numbers of the jobs that have the name, or had it before they were deleted, and have open
// launches.
func (x *Index) OpenJobs(name string) []uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return slices.Clone(x.called[name])
}

// OpenLaunchesOf returns the numbers of a job's launches that have not ended, oldest first.
func (x *Index) OpenLaunchesOf(job uint64) []uint64 {
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
