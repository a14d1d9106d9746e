package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

// sound returns a history of five instants in which nothing is wrong.
func sound() History {
	h := History{
		Job: "j", From: noon, To: noon.Add(5 * time.Second), Window: 2 * time.Second, Allow: time.Second,
		AllRun: true, Forbid: true, Read: noon.Add(9 * time.Second),
	}
	for i := range 5 {
		at := noon.Add(time.Duration(i) * time.Second)
		r := Run{
			LaunchID: fmt.Sprint("j.", i), ExecutionID: fmt.Sprint("x", i), Nominal: at, Attempt: 1, Node: "a1",
			Start: at.Add(10 * time.Millisecond), End: at.Add(500 * time.Millisecond),
		}
		end := at.Add(510 * time.Millisecond)
		h.Runs = append(h.Runs, r)
		h.Launches = append(h.Launches, Launch{ID: r.LaunchID, ScheduledAt: at, State: "success", EndedAt: &end})
		h.Executions = append(h.Executions, Execution{
			ID: r.ExecutionID, LaunchID: r.LaunchID, NodeName: "a1", ScheduledAt: at, StartedAt: r.Start, FinishedAt: r.End,
			Outcome: "success",
		})
	}
	return h
}

func TestCheckFindsNothingInASoundHistory(t *testing.T) {
	for _, f := range Check(sound()) {
		t.Error(f)
	}
}

// without removes the third instant's run and execution.
func without(h *History) {
	h.Runs = append(h.Runs[:2:2], h.Runs[3:]...)
	h.Executions = append(h.Executions[:2:2], h.Executions[3:]...)
}

type spoilt struct {
	name  string
	spoil func(h *History)
	want  []Kind
}

// histories are those that must be found wrong, and as what.
func histories() []spoilt {
	late := noon.Add(8 * time.Second)
	return []spoilt{
		{"instant without run and record", func(h *History) {
			without(h)
			h.Launches = append(h.Launches[:2:2], h.Launches[3:]...)
		}, []Kind{Lost, Unrun}},
		{"success without run", func(h *History) { without(h) }, []Kind{Lost, Unrun}},
		{"success without run, with execution", func(h *History) { h.Runs = append(h.Runs[:2:2], h.Runs[3:]...) }, []Kind{Lost, Unrun, Disagrees}},
		{"skipped without a reason", func(h *History) { without(h); h.Launches[2].State = "skipped" }, []Kind{Lost, Unrun}},
		{"skipped with a reason, but all had to run", func(h *History) {
			without(h)
			h.Launches[2].State, h.Launches[2].Reason = "skipped", "overlap"
		}, []Kind{Unrun}},
		{"one execution twice", func(h *History) {
			again := h.Runs[2]
			again.Start, again.End = again.Start.Add(600*time.Millisecond), again.End.Add(200*time.Millisecond)
			h.Runs = append(h.Runs, again)
		}, []Kind{Doubled, Doubled}},
		{"one instant on two nodes", func(h *History) {
			other := h.Runs[2]
			other.ExecutionID, other.Node = "y2", "a2"
			h.Runs = append(h.Runs, other)
			h.Executions = append(h.Executions, Execution{ID: "y2", NodeName: "a2", ScheduledAt: other.Nominal, Outcome: "success"})
		}, []Kind{Doubled}},
		{"overlap", func(h *History) { h.Runs[2].End = h.Runs[3].Start.Add(time.Millisecond) }, []Kind{Overlaps}},
		{"overlap with a run without end", func(h *History) {
			h.Runs[2].End, h.Executions[2].FinishedAt, h.Executions[2].Outcome = time.Time{}, time.Time{}, ""
		}, []Kind{Overlaps}},
		{"still open", func(h *History) { h.Launches[2].EndedAt = nil }, []Kind{Stuck}},
		{"open for too long", func(h *History) { h.Launches[2].EndedAt = &late }, []Kind{Stuck}},
		{"open without having run", func(h *History) { without(h); h.Launches[2].EndedAt, h.Launches[2].State = nil, "running" }, []Kind{Unrun, Stuck}},
		{"stale", func(h *History) {
			r := &h.Runs[4]
			r.Start, r.End = r.Start.Add(2*time.Second), r.End.Add(2*time.Second)
			end := r.End
			h.Launches[4].EndedAt = &end
		}, []Kind{Stale}},
		{"early", func(h *History) { h.Runs[2].Start = h.Runs[2].Nominal.Add(-10 * time.Millisecond) }, []Kind{Early}},
		{"run without execution", func(h *History) { h.Executions = h.Executions[:4] }, []Kind{Disagrees}},
		{"run without launch", func(h *History) { h.Launches = h.Launches[:4] }, []Kind{Disagrees}},
		{"success that has not ended", func(h *History) { h.Runs[4].End = time.Time{} }, []Kind{Disagrees}},
		{"failure that ended well", func(h *History) { h.Executions[2].Outcome = "failed" }, []Kind{Disagrees}},
		{"another node", func(h *History) { h.Executions[2].NodeName = "a2" }, []Kind{Disagrees}},
		{"record that changed", func(h *History) { h.Changed = []Finding{{Disagrees, noon, "changed"}} }, []Kind{Disagrees}},
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	for _, test := range histories() {
		t.Run(test.name, func(t *testing.T) {
			h := sound()
			test.spoil(&h)
			found := Check(h)
			left := make(map[Kind]int)
			for _, k := range test.want {
				left[k]++
			}
			for _, f := range found {
				left[f.Kind]--
			}
			for kind, n := range left {
				if n != 0 {
					t.Errorf("%s: %d too few or too many; found %v", kind, n, found)
				}
			}
		})
	}
}

func TestCheckAcceptsWhatIsAllowed(t *testing.T) {
	tests := map[string]func(h *History){
		"missed instants in one record": func(h *History) {
			without(h)
			h.AllRun = false
			h.Launches[2].State, h.Launches[2].Reason, h.Launches[2].Until = "missed", "older than the window", new(noon.Add(2*time.Second))
		},
		"lost although it ended": func(h *History) { h.Launches[2].State, h.Executions[2].Outcome = "lost", "lost" },
		"retries": func(h *History) {
			h.Retries, h.Forbid = 1, false
			again := h.Runs[2]
			again.ExecutionID, again.Attempt = "x2b", 2
			h.Runs = append(h.Runs, again)
			h.Executions = append(h.Executions, Execution{ID: "x2b", NodeName: "a1", ScheduledAt: again.Nominal, Outcome: "success"})
		},
		"failure explained by its execution": func(h *History) {
			h.AllRun = false
			h.Runs = append(h.Runs[:2:2], h.Runs[3:]...)
			h.Launches[2].State, h.Executions[2].Outcome, h.Executions[2].Error = "failed", "failed", "no such file"
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			h := sound()
			change(&h)
			for _, f := range Check(h) {
				t.Error(f)
			}
		})
	}
}

func TestSilenceIsTheLongestGapBetweenStarts(t *testing.T) {
	h := sound()
	without(&h)
	gap, from := Silence(h.Runs)
	if gap != 2*time.Second || !from.Equal(h.Runs[1].Start) {
		t.Errorf("silence = %v from %v", gap, from)
	}
}

func TestProbeLinesAreReadBack(t *testing.T) {
	lines := []string{
		"j.1 100-a1 2030-01-02T12:00:00Z 1 a1 1893585600010000000 0",
		"j.2 101-a1 2030-01-02T12:00:01Z 1 a1 1893585601010000000 0",
		"j.1 100-a1 2030-01-02T12:00:00Z 1 a1 1893585600010000000 1893585600020000000",
		"j.3 being writ",
	}
	runs, err := ParseRuns([]byte(strings.Join(lines, "\n")))
	if err != nil || len(runs) != 2 || runs[0].End.IsZero() || !runs[1].End.IsZero() || !runs[1].Nominal.Equal(noon.Add(time.Second)) {
		t.Errorf("runs = %+v, %v", runs, err)
	}
	for _, bad := range []string{"a b c\n", lines[2] + "\n", strings.Replace(lines[0], "2030", "x", 1) + "\n"} {
		if _, err := ParseRuns([]byte(bad)); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
