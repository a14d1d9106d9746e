package executor

import (
	"dkron"
	"dkron/plugin"
)

// Catalogue is the executors that jobs may use. It is safe for concurrent use.
type Catalogue struct{ set }

// KnownExecutors returns what the named executors say of themselves, in that order.
func KnownExecutors(names []string, executors map[string]plugin.Executor) (*Known, error) {
	return newKnown("executor", names, func(name string) any { return executors[name] })
}

// NewCatalogue returns a catalogue of executors. elsewhere returns those of all nodes and must be quick; it may be nil.
func NewCatalogue(executors *Known, elsewhere func() []Other) *Catalogue {
	return &Catalogue{set{executors, elsewhere}}
}

// Judge returns what is doubtful about a job's executor and its processors.
func Judge(c *Catalogue, p *Processors) func(*dkron.Job) []dkron.Problem {
	return func(j *dkron.Job) []dkron.Problem { return append(c.Judge(j), p.Judge(j)...) }
}
