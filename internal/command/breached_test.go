package command

import (
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// What a job does not meet is one occurrence, each part of it once. A breach that no rule notices stays to be noticed.
func TestWhatAJobDoesNotMeetIsOneOccurrence(t *testing.T) {
	m := newMachine(t, t.TempDir())
	defer m.store.Close()
	m.apply(&Agree{Protocol: 2, Release: "0.2.0"})
	for _, name := range []string{"a", "b"} {
		must[*dkron.Record](t, m, job(name))
	}
	must[*dkron.Channel](t, m, &SetChannel{Channel: dkron.Channel{Name: "c", Type: dkron.ChannelWebhook}, Now: noon})
	must[*dkron.Rule](t, m, &SetRule{Rule: dkron.Rule{Name: "r", On: []dkron.AlertEvent{dkron.AlertObjective}, Channels: []string{"c"}, Match: dkron.Match{Jobs: []string{"a"}}}, Now: noon})
	breach := func(job uint64, o dkron.Objective, at time.Time) dkron.Breach {
		return dkron.Breach{Job: job, Objective: o, At: at, Reason: string(o)}
	}
	both := []dkron.Breach{breach(1, dkron.ObjectiveDeadline, noon), breach(1, dkron.ObjectiveSilence, noon), breach(2, dkron.ObjectiveSilence, noon)}
	m.apply(&Breached{Breaches: both, Now: noon}, &Breached{Breaches: both, Now: noon.Add(time.Second)})
	wantWaiting := func(count uint64, reason string) {
		t.Helper()
		_ = m.store.View(func(tx *state.Tx) error {
			list, err := tx.WaitingOccurrences("c", nil, 10)
			if err != nil || len(list) != 1 || list[0].Count != count || list[0].Reason != reason {
				t.Errorf("%+v, %v", list, err)
			}
			for number, marks := range map[uint64]int{1: 2, 2: 0} {
				if p, err := tx.Progress(number); err != nil || len(p.Breaches) != marks {
					t.Errorf("job %d: %+v, %v", number, p.Breaches, err)
				}
			}
			return nil
		})
	}
	wantWaiting(1, "deadline; max_silence")
	both[1].At = noon.Add(time.Hour) // it succeeded meanwhile, and is silent again
	m.apply(&Breached{Breaches: both, Now: noon.Add(time.Hour)})
	wantWaiting(2, "max_silence")
	m.apply(&DeleteJob{Name: "a"}, &Breached{Breaches: both[:1], Now: noon})
}
