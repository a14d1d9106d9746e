// Package builtin is the table of the executors that every node has. Each has a folder of its own below this one.
package builtin

import (
	"log/slog"

	"dkron/builtin/checkin"
	"dkron/builtin/httpcall"
	"dkron/builtin/shell"
	"dkron/internal/reach"
	"dkron/plugin"
)

// row is an executor and the name by which jobs ask for it.
type row struct {
	name     string
	executor plugin.Executor
}

// ShellPolicy is what a node allows to commands of the executor shell.
type ShellPolicy = shell.Policy

// Options are a node's settings of executors. The zero value is ready for use.
type Options struct {
	Shell ShellPolicy
	// PassEnv names variables of the agent that commands may see although they are for the agent.
	PassEnv []string
	// Reach says which addresses are called; nil: the policy without settings.
	Reach  *reach.Policy
	Logger *slog.Logger // nil: nothing is logged
}

// table is every built-in executor, in the order in which people are offered them. Each row has a page
// docs/guide/executor-<name>.md.
func table(o Options) []row {
	return []row{
		{"shell", shell.New(shell.Options{Logger: o.Logger, PassEnv: o.PassEnv, Policy: o.Shell})},
		{"http", httpcall.New(o.Reach)},
		{"checkin", checkin.Executor{}},
	}
}

// Executors are the built-in executors of a node. They are safe for concurrent use.
type Executors struct{ rows []row }

// New returns them.
func New(o Options) *Executors { return &Executors{table(o)} }

// Names returns their names, in the order in which people are offered them.
func (e *Executors) Names() (names []string) {
	for _, r := range e.rows {
		names = append(names, r.name)
	}
	return names
}

// ByName returns a new map of them.
func (e *Executors) ByName() map[string]plugin.Executor {
	m := make(map[string]plugin.Executor)
	for _, r := range e.rows {
		m[r.name] = r.executor
	}
	return m
}

// Close releases what they hold without a running execution, such as idle connections.
func (e *Executors) Close() {
	for _, r := range e.rows {
		end(r.executor)
	}
}

// end closes an executor or a processor that holds something.
func end(thing any) {
	if c, ok := thing.(plugin.Closer); ok {
		c.Close()
	}
}
