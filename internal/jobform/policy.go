package jobform

import (
	"time"

	"dkron"
)

// Policies of a job that are objects. Values that the server decides are omitted, so that a job that was read can be
// sent back unchanged.

type backoffJSON struct {
	Initial string  `json:"initial,omitempty"`
	Max     string  `json:"max,omitempty"`
	Factor  float64 `json:"factor,omitempty"`
}

func newBackoffJSON(b dkron.Backoff) *backoffJSON {
	if b == (dkron.Backoff{}) {
		return nil
	}
	out := &backoffJSON{Factor: float64(b.Factor) / 1000}
	if b.Initial != 0 || b.NoPause {
		out.Initial = b.Initial.String()
	}
	if b.Max != 0 {
		out.Max = b.Max.String()
	}
	return out
}

type parentJSON struct {
	Job string          `json:"job"`
	On  dkron.Condition `json:"on"`
}

func newParentsJSON(parents []dkron.Parent) []parentJSON {
	out := make([]parentJSON, len(parents))
	for i, p := range parents {
		out[i] = parentJSON(p)
	}
	return out
}

type historyJSON struct {
	Count uint64 `json:"count,omitempty"`
	Age   string `json:"age,omitempty"`
	Bytes uint64 `json:"bytes,omitempty"`
}

func newHistoryJSON(r dkron.Retention) *historyJSON {
	if r == (dkron.Retention{}) {
		return nil
	}
	out := &historyJSON{Count: r.Count, Bytes: r.Bytes}
	if r.Age != 0 {
		out.Age = r.Age.String()
	}
	return out
}

type objectivesJSON struct {
	Deadline         string `json:"deadline,omitempty"`
	MaxLateness      string `json:"max_lateness,omitempty"`
	ExpectedDuration string `json:"expected_duration,omitempty"`
	MaxSilence       string `json:"max_silence,omitempty"`
}

func newObjectivesJSON(o *dkron.Objectives) *objectivesJSON {
	if o == nil {
		return nil
	}
	text := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	return &objectivesJSON{Deadline: o.Deadline, MaxLateness: text(o.MaxLateness), ExpectedDuration: text(o.ExpectedDuration), MaxSilence: text(o.MaxSilence)}
}
