package command

import (
	"testing"

	"dkron"
)

func TestALaunchEndsWithTheReasonOfItsFirstFault(t *testing.T) {
	for want, reasons := range map[string][]string{
		"": {}, "a": {"a"}, "a (and 1 more node)": {"a", "b"}, "a (and 2 more nodes)": {"a", "b", ""},
		"1 of 3 nodes did not succeed": {""}, "2 of 3 nodes did not succeed": {"", "b"},
	} {
		l := &dkron.Launch{Nodes: 3}
		count(l, &dkron.Result{Outcome: dkron.Success})
		for _, r := range reasons {
			count(l, &dkron.Result{Outcome: dkron.TimedOut, Reason: r})
		}
		state, got := verdict(l)
		if got != want || (state == dkron.LaunchSuccess) != (len(reasons) == 0) {
			t.Errorf("%q: %s, %q, want %q", reasons, state, got, want)
		}
	}
}
