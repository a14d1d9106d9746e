package jobform

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"dkron"
)

// Change is a field that a write would change. A value that is not there is nil.
type Change struct {
	Job   string `json:"job"`
	Field string `json:"field"`
	Was   any    `json:"was"`
	Is    any    `json:"is"`
}

// Changes returns what differs in the user-written fields of two jobs, down to the innermost named fields, in the order
// of their names.
func Changes(was, is *dkron.Job) ([]Change, error) {
	a, err := asFields(was)
	if err != nil {
		return nil, err
	}
	b, err := asFields(is)
	if err != nil {
		return nil, err
	}
	return compare(is.Name, "", a, b), nil
}

func asFields(j *dkron.Job) (fields map[string]any, err error) {
	job := *j
	if job.Concurrency == "" {
		job.Concurrency = dkron.Allow // means the same
	}
	text, err := json.Marshal(New(&dkron.Record{Job: job}))
	if err != nil {
		return nil, fmt.Errorf("encode job %q: %w", j.Name, err)
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("read job %q as fields: %w", j.Name, err)
	}
	for key := range readOnly {
		delete(fields, key)
	}
	return fields, nil
}

func compare(job, above string, was, is map[string]any) (changes []Change) {
	keys := maps.Clone(was)
	if keys == nil {
		keys = map[string]any{}
	}
	maps.Copy(keys, is)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		a, b := was[key], is[key]
		if reflect.DeepEqual(a, b) {
			continue
		}
		inA, okA := a.(map[string]any)
		inB, okB := b.(map[string]any)
		if (okA || a == nil) && (okB || b == nil) {
			changes = append(changes, compare(job, above+key+".", inA, inB)...)
			continue
		}
		changes = append(changes, Change{job, above + key, a, b})
	}
	return changes
}
