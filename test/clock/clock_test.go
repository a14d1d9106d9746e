//go:build clockshift

package clock

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"dkron"
)

var (
	offsets   = []time.Duration{-time.Hour, -2 * time.Minute, -4 * time.Second, -time.Second / 2, 0, time.Second / 2, 4 * time.Second, 2 * time.Minute, time.Hour}
	schedules = []string{"*/5 * * * * *", "*/7 * * * * *", "* * * * * *", "@every 10s", "0 * * * * *"}
)

func TestWhateverClocksLeadersAndEditsDo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 1, 12).Draw(rt, "steps")
		if faults := run(t, steps); len(faults) > 0 {
			rt.Fatalf("%v", strings.Join(faults, "\n"))
		}
	})
}

// step is one thing that happens.
type step struct {
	what     string
	pass     time.Duration // how long it takes
	offset   time.Duration // of the clock from then on
	schedule string
}

func drawStep(t *rapid.T) step {
	return step{
		what:     rapid.SampledFrom([]string{"pass", "clock", "right", "failover", "rename", "schedule", "toggle"}).Draw(t, "what"),
		pass:     time.Duration(rapid.IntRange(1, 20_000).Draw(t, "ms")) * time.Millisecond,
		offset:   rapid.SampledFrom(offsets).Draw(t, "offset"),
		schedule: rapid.SampledFrom(schedules).Draw(t, "schedule"),
	}
}

func (w *world) do(s step) {
	j := w.job()
	switch s.what {
	case "pass":
		w.pass(s.pass)
	case "clock":
		w.setClock(s.offset)
		w.pass(s.pass / 5)
	case "right":
		w.setClock(0)
	case "failover":
		w.stop()
		w.noteCalm()
		w.pass(4 * s.pass)
		w.setClock(s.offset)
		w.lead()
	case "rename":
		j.DisplayName += "x"
		w.write(j)
	case "schedule":
		j.Schedule = s.schedule
		w.write(j)
	case "toggle":
		j.Disabled = !j.Disabled
		w.write(j)
	}
}

// Each case failed once: a job stopped firing, or a spinning scheduler filled the log.
func TestClocksThatArePutRight(t *testing.T) {
	const seconds = time.Second
	for name, steps := range map[string][]step{
		"an edit after the clock was put right": {
			{what: "clock", offset: 2 * time.Minute, pass: 150 * seconds}, {what: "right"}, {what: "rename"}, {what: "pass", pass: 20 * seconds},
		},
		"another schedule right after a leader whose clock was ahead": {
			{what: "clock", offset: 4 * seconds, pass: 150 * seconds}, {what: "failover"}, {what: "schedule", schedule: "* * * * * *"},
			{what: "pass", pass: 20 * seconds},
		},
		"an hour ahead for four seconds": {
			{what: "pass", pass: 10 * seconds}, {what: "clock", offset: time.Hour, pass: 20 * seconds}, {what: "right"},
			{what: "pass", pass: time.Hour + time.Minute},
		},
		"disabled while much is due": {
			{what: "failover", pass: 10 * seconds}, {what: "toggle"}, {what: "pass", pass: 5 * seconds}, {what: "toggle"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, fault := range run(t, steps) {
				t.Error(fault)
			}
		})
	}
}

// run executes the steps on a cluster with one job, corrects its clock, and returns what it did wrong.
func run(t *testing.T, steps []step) (faults []string) {
	dir, err := os.MkdirTemp("", "clock")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "clock")
	if err := os.Setenv("DKRON_TEST_CLOCK_FILE", file); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(*testing.T) {
		w := newWorld(dir, file)
		defer w.store.Close()
		w.lead()
		w.write(dkron.Job{Name: "job", Schedule: "*/5 * * * * *", Executor: "shell", Concurrency: dkron.Allow})
		w.pass(time.Second)
		for _, s := range steps {
			w.do(s)
		}
		w.setClock(0)
		w.pass(20 * time.Second)
		w.silence()
		w.check()
		w.stop()
		faults = w.faults
	})
	return faults
}
