package launchform

import (
	"time"
	"unicode/utf8"

	"dkron"
	"dkron/internal/respond"
)

// Execution is an execution as clients read it. The keys up to output_truncated are the public contract; the others
// were added later.
type Execution struct {
	ID              string    `json:"id,omitempty"`
	JobName         string    `json:"job_name,omitempty"`
	StartedAt       time.Time `json:"started_at"`
	FinishedAt      time.Time `json:"finished_at"`
	Success         bool      `json:"success"`
	Output          string    `json:"output,omitempty"`
	NodeName        string    `json:"node_name,omitempty"`
	Group           int64     `json:"group,omitempty"`
	Attempt         uint64    `json:"attempt,omitempty"`
	OutputTruncated *bool     `json:"output_truncated,omitempty"` // only in lists of a job

	LaunchID    string        `json:"launch_id"`
	DisplayName string        `json:"displayname,omitempty"` // of its job; only in the list of all
	Outcome     dkron.Outcome `json:"outcome,omitempty"`     // empty while it runs
	Error       string        `json:"error,omitempty"`
	ExitCode    *int64        `json:"exit_code,omitempty"`
	OutputSize  uint64        `json:"output_size"` // bytes written in total, including those not kept
	ScheduledAt *time.Time    `json:"scheduled_at"`
	LatenessMS  int64         `json:"lateness_ms"`  // after its scheduled time; of a retry, after the end of its pause
	CPUSeconds  *float64      `json:"cpu_seconds"`  // nil while it runs, and where it was not measured
	MaxRSS      *uint64       `json:"max_rss"`      // bytes
	MemoryLimit *uint64       `json:"memory_limit"` // bytes
	LeftRunning []string      `json:"left_running,omitempty"`

	StopRequestedAt *time.Time `json:"stop_requested_at,omitempty"`
	StopRequestedBy string     `json:"stop_requested_by,omitempty"`
	StopReason      string     `json:"stop_reason,omitempty"`
}

// NewExecution returns an execution as clients read it.
func NewExecution(e *dkron.Execution) *Execution {
	out := &Execution{
		ID: e.ID(), JobName: e.JobName, StartedAt: respond.UTC(e.StartedAt), FinishedAt: respond.UTC(e.FinishedAt),
		Success: e.Outcome == dkron.Success, Output: string(OutputText(e)), NodeName: e.NodeName, Group: e.Group,
		Attempt: e.Attempt, LaunchID: e.LaunchID(), Outcome: e.Outcome, Error: e.Error, OutputSize: e.OutputSize,
		ScheduledAt: respond.Nullable(e.Nominal), LatenessMS: e.Lateness().Milliseconds(),
		LeftRunning: e.LeftRunning,
	}
	if e.Stop != nil {
		out.StopRequestedAt, out.StopRequestedBy, out.StopReason = respond.Nullable(e.Stop.At), e.Stop.By, e.Stop.Reason
	}
	if e.ExitCode != nil {
		out.ExitCode = &e.ExitCode.Code
	}
	if u := e.Usage; u != nil {
		seconds := u.CPU.Seconds()
		out.CPUSeconds, out.MaxRSS, out.MemoryLimit = &seconds, known(u.MaxRSS), known(u.MemoryLimit)
	}
	return out
}

// known returns nil for 0.
func known(n uint64) *uint64 {
	if n == 0 {
		return nil
	}
	return &n
}

// OutputText returns the error line and the output, at most MaxOutput bytes together. Only the output is cut.
func OutputText(e *dkron.Execution) []byte {
	text := e.Text()
	if over := len(text) - dkron.MaxOutput; over > 0 && over <= len(e.Output) {
		short := *e
		short.Output = Tail(e.Output, len(e.Output)-over)
		return short.Text()
	}
	return Tail(text, dkron.MaxOutput)
}

// Tail returns the last n bytes, or slightly fewer so as not to split a character.
func Tail(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	text = text[len(text)-n:]
	for i := 0; i < len(text) && i < utf8.UTFMax; i++ {
		if utf8.RuneStart(text[i]) {
			return text[i:]
		}
	}
	if len(text) < utf8.UTFMax {
		return nil // the end of a longer character
	}
	return text
}

// LimitOutput cuts the output to its end, and says so where the form has a key for it.
func (e *Execution) LimitOutput(limit int) {
	if len(e.Output) <= limit {
		return
	}
	e.Output = string(Tail([]byte(e.Output), limit))
	if e.OutputTruncated != nil {
		*e.OutputTruncated = true
	}
}
