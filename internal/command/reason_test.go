package command

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dkron"
)

// endings returns the launch of a new job that ends on one node after the other as outcomes say, each for the reason
// "<outcome> <node>".
func (l ledger) endings(name string, outcomes []dkron.Outcome) *dkron.Launch {
	l.t.Helper()
	must[*dkron.Record](l.t, l.machine, job(name))
	var nodes []string
	for i := range outcomes {
		nodes = append(nodes, fmt.Sprint("n", i))
	}
	l.fire(name, nodes...)
	open := slices.DeleteFunc(l.open(), func(e *dkron.Execution) bool { return e.JobName != name })
	for i, o := range outcomes {
		at := slices.IndexFunc(open, func(e *dkron.Execution) bool { return e.NodeName == nodes[i] })
		r := result(open[at], o, noon)
		r.Reason = fmt.Sprint(o, " ", nodes[i])
		must[any](l.t, l.machine, &Finish{Now: noon.Add(time.Minute), Results: []dkron.Result{r}})
	}
	return l.launches(name)[0]
}

// sequences calls each with all sequences of up to most outcomes.
func sequences(most int, each func([]dkron.Outcome)) {
	var grow func(list []dkron.Outcome)
	grow = func(list []dkron.Outcome) {
		if len(list) > 0 {
			each(list)
		}
		if len(list) < most {
			for _, o := range []dkron.Outcome{dkron.Success, dkron.Failed, dkron.TimedOut, dkron.Stopped, dkron.Lost} {
				grow(append(slices.Clone(list), o))
			}
		}
	}
	grow(nil)
}

// blamed returns which of outcomes a launch is named after, -1 if none.
func blamed(outcomes []dkron.Outcome, agreed bool) int {
	is := func(kinds ...dkron.Outcome) int {
		return slices.IndexFunc(outcomes, func(o dkron.Outcome) bool { return slices.Contains(kinds, o) })
	}
	if !agreed { // as releases before 0.2.0
		return is(dkron.Failed, dkron.TimedOut, dkron.Lost, dkron.Stopped)
	}
	for _, at := range []int{is(dkron.Failed, dkron.TimedOut), is(dkron.Lost), is(dkron.Stopped)} {
		if at >= 0 {
			return at
		}
	}
	return -1
}

func TestALaunchOfSeveralNodesIsNamedAfterItsFirstFailureBeforeWhatWasLostOrStopped(t *testing.T) {
	for _, agreed := range []bool{false, true} {
		t.Run(fmt.Sprint("agreed: ", agreed), func(t *testing.T) {
			l := newLedger(t)
			if agreed {
				must[any](t, l.machine, &Agree{Protocol: 2, Release: "0.2.0"})
			}
			made := 0
			sequences(3, func(outcomes []dkron.Outcome) {
				made++
				got := l.endings(fmt.Sprint("j", made), outcomes)
				state, reason := dkron.LaunchSuccess, ""
				if at := blamed(outcomes, agreed); at >= 0 {
					state, reason = dkron.LaunchState(outcomes[at]), fmt.Sprint(outcomes[at], " n", at)
					switch more := got.Failed - 1; {
					case more == 1:
						reason += " (and 1 more node)"
					case more > 1:
						reason += fmt.Sprintf(" (and %d more nodes)", more)
					}
				}
				if got.State != state || got.Reason != reason {
					t.Errorf("%v: %s, %q; want %s, %q", outcomes, got.State, got.Reason, state, reason)
				}
			})
		})
	}
}

func TestALaunchWhoseResultsHaveNoReasonCountsItsNodes(t *testing.T) {
	for want, reasons := range map[string][]string{
		"1 of 3 nodes did not succeed": {""}, "2 of 3 nodes did not succeed": {"", "b"},
	} {
		l := &dkron.Launch{Nodes: 3, Fault: dkron.TimedOut, FaultReason: reasons[0], Failed: uint64(len(reasons))}
		if state, got := verdict(l); got != want || state != dkron.LaunchTimedOut {
			t.Errorf("%q: %s, %q, want %q", reasons, state, got, want)
		}
	}
}
