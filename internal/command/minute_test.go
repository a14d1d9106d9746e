package command

import (
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// figures returns the totals of all minutes, and how many minutes have any.
func (l ledger) figures() (sum state.Minute, minutes int) {
	l.t.Helper()
	l.view(func(tx *state.Tx) error {
		return tx.Minutes(time.Time{}, noon.AddDate(9, 0, 0), func(_ time.Time, m *state.Minute) {
			sum.Merge(m)
			minutes++
		})
	})
	return sum, minutes
}

func TestEveryAttemptCountsInItsMinuteAndARepeatedResultDoesNot(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries = 1 }))
	must[*dkron.Launched](t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon})
	first := result(l.open()[0], dkron.Failed, noon.Add(30*time.Millisecond))
	for range 2 {
		l.apply(&Finish{Results: []dkron.Result{first}, Now: noon.Add(2 * time.Second)})
	}
	retry := l.open()[0]
	second := result(retry, dkron.Success, retry.Due.Add(90*time.Millisecond))
	l.apply(&Finish{Results: []dkron.Result{second}, Now: noon.Add(5 * time.Minute)})
	sum, minutes := l.figures()
	if sum.Successes != 1 || sum.Failures != 1 || sum.NotRun != 0 || sum.Lateness.Count() != 2 || sum.Lateness.Max != 90 || minutes != 2 {
		t.Errorf("%+v in %d minutes", sum, minutes)
	}
}

func TestARetryThatIsStoppedBeforeItBeganHasNoLateness(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries, j.Backoff.Initial = 1, time.Hour }))
	launched := must[*dkron.Launched](t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon})
	l.apply(&Finish{Results: []dkron.Result{result(l.open()[0], dkron.Failed, noon)}, Now: noon})
	l.apply(&Stop{Launches: []uint64{launched.Launch.Number}, Wish: dkron.Stop{At: noon.Add(time.Second)}})
	if sum, _ := l.figures(); sum.Failures != 2 || sum.Lateness.Count() != 1 {
		t.Errorf("%+v", sum)
	}
}

func TestWhatIsMissedOrStoodInTheWayOrHadNoNodeCountsAsNotRun(t *testing.T) {
	l := newLedger(t)
	r := must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Forbid }))
	due := func(seconds, next int, change func(*dkron.Due)) {
		d := dkron.Due{Job: r.Job.Number, Revision: 1, Nominal: noon.Add(time.Duration(seconds) * time.Second), Cause: dkron.CauseSchedule}
		d.Next = noon.Add(time.Duration(next) * time.Second)
		change(&d)
		l.apply(&Fire{Due: []dkron.Due{d}, Now: noon.Add(time.Minute)})
	}
	due(10, 40, func(d *dkron.Due) { d.Missed, d.Until, d.Reason = 3, noon.Add(30*time.Second), "nobody led" })
	due(40, 50, func(*dkron.Due) {}) // waits for a node
	due(50, 60, func(*dkron.Due) {})
	l.apply(&Assign{Targets: []dkron.Assignment{{Launch: l.waiting()[0].Number}}, Now: noon.Add(time.Minute)})
	if sum, minutes := l.figures(); sum.NotRun != 5 || sum.Successes+sum.Failures != 0 || minutes != 1 {
		t.Errorf("%+v in %d minutes", sum, minutes)
	}
}
