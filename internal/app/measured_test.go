package app

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/telemetry"
)

// doer does nothing and says so, or err.
type doer struct{ err error }

func (d doer) Do(context.Context, request.Request) (request.Reply, uint64, error) {
	return new(request.Done), 1, d.err
}

func TestRequestsAreMeasuredByName(t *testing.T) {
	m := telemetry.NewMetrics("test")
	var want []string
	for k := range request.Kinds() {
		for _, err := range []error{nil, dkron.ErrConflict, dkron.ErrNoLeader} { // the last is another server's
			_, _, _ = measured{doer{err}, m}.Do(t.Context(), k.New())
		}
		want = append(want, fmt.Sprintf("dkron_request_duration_seconds_count{request=%q} 2", k.Name))
	}
	want = append(want,
		"dkron_grpc_set_job_count 4", "dkron_scheduler_job_add 2", // SetJob and ToggleJob
		"dkron_grpc_delete_job_count 2", "dkron_scheduler_job_delete 1", "dkron_grpc_delete_executions_count 2")
	var text strings.Builder
	if err := m.Dump(&text); err != nil {
		t.Fatal(err)
	}
	for _, line := range want {
		if !strings.Contains(text.String(), "\n"+line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
}
