package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/telemetry"
)

func wantMetrics(t *testing.T, m *telemetry.Metrics, lines ...string) {
	t.Helper()
	var text strings.Builder
	if err := m.Dump(&text); err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if !strings.Contains(text.String(), "\n"+line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
}

func TestRequestsAreMeasuredByName(t *testing.T) {
	m := telemetry.NewMetrics("test")
	c := New(Config{Observer: m})
	var want []string
	for k := range request.Kinds() {
		for _, err := range []error{nil, dkron.ErrConflict, dkron.ErrNoLeader} { // the last is another server's
			c.handlers[k.Name] = func(context.Context, request.Request) (request.Reply, uint64, error) {
				return new(request.Done), 1, err
			}
			_, _, _ = c.Do(t.Context(), k.New())
		}
		want = append(want, fmt.Sprintf("dkron_request_duration_seconds_count{request=%q} 2", k.Name))
	}
	wantMetrics(t, m, append(want,
		"dkron_grpc_set_job_count 4", "dkron_scheduler_job_add 2", // SetJob and ToggleJob
		"dkron_grpc_delete_job_count 2", "dkron_scheduler_job_delete 1", "dkron_grpc_delete_executions_count 2")...)
}

// fated answers each proposal alike.
type fated struct {
	Log
	result any
	err    error
}

func (f fated) Propose(context.Context, []byte) (any, uint64, error) { return f.result, 1, f.err }

func TestProposalsAreCountedByTheirFate(t *testing.T) {
	m := telemetry.NewMetrics("test")
	for _, log := range []fated{
		{result: "fine"}, {result: command.ErrChanged}, {result: command.ErrChanged}, {err: fmt.Errorf("propose: %w", dkron.ErrNoLeader)},
		{err: dkron.ErrUnavailable}, {err: context.DeadlineExceeded}, {err: errors.New("whatever")},
	} {
		c := New(Config{Log: log, Observer: m})
		if _, _, err := c.send(t.Context(), nil); (err == nil) != (log.result == "fine") {
			t.Errorf("%+v: %v", log, err)
		}
	}
	wantMetrics(t, m, `dkron_proposals_total{fate="applied"} 1`, `dkron_proposals_total{fate="refused"} 2`,
		`dkron_proposals_total{fate="no_leader"} 1`, `dkron_proposals_total{fate="unavailable"} 3`, "dkron_proposal_duration_seconds_count 3")
}
