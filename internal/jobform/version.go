package jobform

import (
	"encoding/json"
	"fmt"

	"dkron"
)

// derived is the read-only keys of a job.
var derived = []string{
	"id", "success_count", "error_count", "last_success", "last_error", "status", "next", "dependent_jobs", "running", "queued",
	"created_at", "updated_at", "updated_by", "revision", "schedule_text",
}

// Definition returns the writable part of a job, so that it can be sent back.
func Definition(j *dkron.Job) (out map[string]json.RawMessage, err error) {
	body, err := json.Marshal(New(&dkron.Record{Job: *j}))
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	for _, key := range derived {
		delete(out, key)
	}
	return out, nil
}
