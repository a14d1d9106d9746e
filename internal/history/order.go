package history

import (
	"cmp"
	"strings"

	"dkron"
)

// CompareID orders executions by id as a number: by trigger, attempt and node.
func CompareID(a, b *dkron.Execution) int {
	return cmp.Or(cmp.Compare(a.Group+int64(a.Attempt), b.Group+int64(b.Attempt)), strings.Compare(a.NodeName, b.NodeName))
}

// ExecutionOrders are the fields by which executions can be sorted; equal ones are sorted by id.
var ExecutionOrders = []string{"id", "started_at", "finished_at", "attempt"}

// ExecutionOrder returns the order by one of ExecutionOrders; false if the field is none of them.
func ExecutionOrder(field string, descending bool) (func(a, b *dkron.Execution) int, bool) {
	by := CompareID
	switch field {
	case "id":
	case "started_at":
		by = func(a, b *dkron.Execution) int { return a.StartedAt.Compare(b.StartedAt) }
	case "finished_at":
		by = func(a, b *dkron.Execution) int { return a.FinishedAt.Compare(b.FinishedAt) }
	case "attempt":
		by = func(a, b *dkron.Execution) int { return cmp.Compare(a.Attempt, b.Attempt) }
	default:
		return nil, false
	}
	sign := 1
	if descending {
		sign = -1
	}
	return func(a, b *dkron.Execution) int { return sign * cmp.Or(by(a, b), CompareID(a, b)) }, true
}
