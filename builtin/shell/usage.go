package shell

import (
	"time"

	"dkron/plugin"
)

// used is what the system reports of a process that was waited for, and of those that it has waited for itself.
type used struct {
	known bool
	cpu   time.Duration
	rss   uint64 // largest resident size of one of them, in bytes; 0 if it is not known
}

// usage returns what the command took: what the system reports at its end, or what was seen while it ran if that is
// more. Processes that were killed or left running are waited for by nobody, so they are only in what was seen. result
// is nil if the end could not be observed.
func (r *run) usage(result *outcome) *plugin.Usage {
	cpu, rss := r.sample.peak()
	known := cpu > 0 || rss > 0
	if result != nil && result.used.known {
		known, cpu, rss = true, max(cpu, result.used.cpu), max(rss, result.used.rss)
	}
	if !known {
		return nil
	}
	return &plugin.Usage{CPU: cpu, MaxRSS: int64(rss), MemoryLimit: r.plan.memLimit}
}
