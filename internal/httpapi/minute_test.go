package httpapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// newMinuteServer is a server shortly after a quarter to one, with runs in the hour before.
func newMinuteServer(t *testing.T) *server {
	t.Helper()
	s := newServer(t)
	s.api.now = func() time.Time { return noon.Add(45*time.Minute + 20*time.Second) }
	ran := func(at, took, late time.Duration, outcome dkron.Outcome) {
		start := noon.Add(at)
		e := &dkron.Execution{Nominal: start.Add(-late), StartedAt: start, FinishedAt: start.Add(took), Attempt: 1, Outcome: outcome}
		s.must(func(tx *state.Tx) error { return tx.Count(e, e.FinishedAt) })
	}
	ran(-24*time.Hour, time.Second, 0, dkron.Success)
	ran(0, time.Second, 4*time.Millisecond, dkron.Success)
	ran(time.Minute, time.Second, 6*time.Millisecond, dkron.Failed)
	ran(4*time.Minute, 40*time.Minute, 400*time.Millisecond, dkron.Success)
	ran(45*time.Minute, time.Second, 0, dkron.TimedOut)
	s.must(func(tx *state.Tx) error {
		l := &dkron.Launch{State: dkron.LaunchMissed, Count: 9, EndedAt: noon.Add(2 * time.Minute)}
		return tx.CloseLaunch(l, new(dkron.Progress))
	})
	return s
}

// happened returns the part of an answer about minutes in which anything happened.
func happened(a minutesJSON) string {
	var list []string
	for _, m := range a.Minutes {
		if m.SuccessCount+m.FailedCount+m.NotRunCount == 0 && m.LatenessMS == nil {
			continue
		}
		text := fmt.Sprintf("%s %d+%d-%d", m.At.Format("15:04"), m.SuccessCount, m.FailedCount, m.NotRunCount)
		if p := m.LatenessMS; p != nil {
			text += fmt.Sprintf(" %d/%d/%d", *p.P50, *p.P95, *p.Max)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func TestMinutesAreSummedUpByStepOldestFirstWithZeros(t *testing.T) {
	s := newMinuteServer(t)
	for _, c := range []struct {
		query, step, want string
		entries           int
	}{
		{"", "5m0s", "12:00 1+1-9 6/400/400, 12:40 1+0-0, 12:45 0+1-0 0/0/0", 288},
		{"?step=5m", "5m0s", "12:00 1+1-9 6/400/400, 12:40 1+0-0, 12:45 0+1-0 0/0/0", 288},
		{"?step=1m", "1m0s", "12:00 1+0-0 4/4/4, 12:01 0+1-0 6/6/6, 12:02 0+0-9, 12:04 0+0-0 400/400/400, 12:44 1+0-0, 12:45 0+1-0 0/0/0", 1440},
		{"?step=15m", "15m0s", "12:00 1+1-9 6/400/400, 12:30 1+0-0, 12:45 0+1-0 0/0/0", 96},
		{"?step=60m", "1h0m0s", "12:00 2+2-9 4/400/400", 24},
		{"?since=2026-11-23T12:44:59Z&step=", "5m0s", "12:40 1+0-0, 12:45 0+1-0 0/0/0", 2},
		{"?since=2026-11-23T14:45:00%2B02:00", "5m0s", "12:45 0+1-0 0/0/0", 1},
		{"?since=2026-11-23T12:50:00Z", "5m0s", "", 0},
		{"?since=9999-01-01T00:00:00Z&step=1h", "1h0m0s", "", 0},
		{"?since=1969-01-01T00:00:00Z&step=1h", "1h0m0s", "12:00 2+2-9 4/400/400", 24},
	} {
		var got minutesJSON
		s.get("/v1/stats/minutes" + c.query).want(200).decode(&got)
		if got.Step != c.step || len(got.Minutes) != c.entries || happened(got) != c.want {
			t.Errorf("%q: %d entries of %s: %s\nwant %d of %s: %s", c.query, len(got.Minutes), got.Step, happened(got), c.entries, c.step, c.want)
		}
		if !slices.IsSortedFunc(got.Minutes, func(a, b minuteJSON) int { return a.At.Compare(b.At) }) {
			t.Errorf("%q: not oldest first", c.query)
		}
	}
}

func TestMinutesAsText(t *testing.T) {
	s := newMinuteServer(t)
	s.get("/v1/stats/minutes?since=2026-11-23T12:40:00Z").want(200).wantBody(`{"step":"5m0s","minutes":[` +
		`{"at":"2026-11-23T12:40:00Z","success_count":1,"failed_count":0,"stopped_count":0,"not_run_count":0,"lateness_ms":null},` +
		`{"at":"2026-11-23T12:45:00Z","success_count":0,"failed_count":1,"stopped_count":0,"not_run_count":0,"lateness_ms":{"p50":0,"p95":0,"max":0}}]}`)
	s.get("/v1/stats/minutes?since=2026-11-23T13:00:00Z").want(200).wantBody(`{"step":"5m0s","minutes":[]}`)
	s.do("HEAD", "/v1/stats/minutes", "").want(200)
	s.do("POST", "/v1/stats/minutes", "").want(405).wantHeader("Allow", "GET, HEAD, OPTIONS")
}

func TestMinutesRefuseWhatTheyCannotRead(t *testing.T) {
	s := newMinuteServer(t)
	for _, step := range []string{"2m", "5", "1d", "0s", "-5m", "24h", "x"} {
		s.get("/v1/stats/minutes?step=" + step).want(400).wantBody(fmt.Sprintf("step must be one of 1m, 5m, 15m, 1h, not %q", step))
	}
	for _, since := range []string{"yesterday", "2026-11-23", "12:00"} {
		s.get("/v1/stats/minutes?since=" + url.QueryEscape(since)).want(400).
			wantBody(fmt.Sprintf(`since must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not %q`, since))
	}
}
