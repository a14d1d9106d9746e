package jobform

import (
	"slices"
	"time"

	"dkron"
	"dkron/internal/respond"
)

// Processor is how far a job's outputs have been delivered to one of its processors.
type Processor struct {
	Name        string     `json:"name"`
	On          string     `json:"on"` // leader or node
	Delivered   uint64     `json:"delivered"`
	Pending     uint64     `json:"pending"`
	Failed      uint64     `json:"failed"`   // given up
	Dropped     uint64     `json:"dropped"`  // there was nothing to deliver any more, or too much
	Attempts    uint64     `json:"attempts"` // that failed since one last succeeded
	LastError   string     `json:"last_error"`
	LastErrorAt *time.Time `json:"last_error_at"`
	DeliveredAt *time.Time `json:"delivered_at"`
}

// NewProcessors returns the job's processors in the order in which they are called, and then those that it no longer
// names and that something is still pending for.
func NewProcessors(j *dkron.Job, stats *dkron.DeliveryStats) []Processor {
	names := j.ProcessorNames()
	for _, s := range stats.List {
		if s.Pending > 0 && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	list := make([]Processor, 0, len(names))
	for _, name := range names {
		s := stats.Of(name)
		list = append(list, Processor{
			Name: name, On: dkron.ProcessedOn(j.Processors[name]), Delivered: s.Delivered, Pending: s.Pending, Failed: s.Failed, Dropped: s.Dropped, Attempts: s.Attempts,
			LastError: s.LastError, LastErrorAt: respond.Nullable(s.LastErrorAt), DeliveredAt: respond.Nullable(s.DeliveredAt),
		})
	}
	return list
}
