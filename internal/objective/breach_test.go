package objective

import (
	"testing"

	"dkron"
)

func TestABreachIsWordedAsThePageIs(t *testing.T) {
	for _, c := range []struct {
		name           dkron.Objective
		expected, want string
	}{
		{dkron.ObjectiveDeadline, "mon-fri 06:00", "Deadline mon-fri 06:00: it failed"},
		{dkron.ObjectiveDeadline, "+2h", "Deadline +2 h: it failed"},
		{dkron.ObjectiveLateness, "10m0s", "Latest start 10 min: it failed"},
		{dkron.ObjectiveDuration, "1h30m10s", "Longest run 1 h 30 min 10 s: it failed"},
		{dkron.ObjectiveSilence, "26h0m0s", "Longest silence 26 h: it failed"},
	} {
		f := Finding{Objective: c.name, Expected: c.expected, Reason: "it failed"}
		if got := f.breach(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
