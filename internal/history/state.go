package history

import (
	"time"

	"dkron"
)

// Running is the state of an execution that has not ended; the others are named after their outcome.
const Running = "running"

// StateOf returns the state of an execution.
func StateOf(e *dkron.Execution) string {
	if e.FinishedAt.IsZero() {
		return Running
	}
	return string(e.Outcome)
}

// Begun reports whether an execution runs or ran, unlike a retry that waits for the end of its pause or a node.
func Begun(e *dkron.Execution, now time.Time) bool {
	return !e.FinishedAt.IsZero() || !e.Unplaced && !e.Due.After(now)
}
