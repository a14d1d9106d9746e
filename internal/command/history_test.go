package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/state"
)

// fleet runs jobs with outputs of given sizes.
type fleet struct {
	*machine
	t   tb
	now time.Time
}

func newFleet(t tb, dir string) *fleet { return &fleet{newMachine(t, dir), t, noon} }

// run launches a job on several nodes at once and makes it print size bytes on each.
func (f *fleet) run(name string, nodes, size int) {
	f.t.Helper()
	f.start(name, nodes)
	f.end(name, nodes, size)
}

func (f *fleet) start(name string, nodes int) *dkron.Launched {
	f.t.Helper()
	f.now = f.now.Add(time.Second)
	var targets []string
	for i := range nodes {
		targets = append(targets, fmt.Sprintf("n%03d", i))
	}
	return must[*dkron.Launched](f.t, f.machine, &Run{Name: name, Cause: dkron.CauseManual, Targets: targets, Now: f.now})
}

// end ends up to so many executions of a job, oldest first. Those of the node n000 fail.
func (f *fleet) end(name string, most, size int) {
	f.t.Helper()
	c := &Finish{Now: f.now}
	err := f.store.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			if e.JobName != name {
				return true
			}
			outcome := dkron.Success
			if e.NodeName == "n000" {
				outcome = dkron.Failed
			}
			r := result(e, outcome, f.now)
			r.Output = bytes.Repeat([]byte{'x'}, size)
			c.Results = append(c.Results, r)
			return len(c.Results) < most
		})
	})
	if err != nil {
		f.t.Fatal(err)
	}
	must[any](f.t, f.machine, c)
}

// clean sweeps as an idle cluster does, and returns how many entries that took.
func (f *fleet) clean() (steps int) {
	f.t.Helper()
	for f.unswept() {
		if steps++; steps > 10_000 {
			f.t.Fatal("the sweep does not end")
		}
		if looks := must[uint64](f.t, f.machine, new(Clean)); looks == 0 {
			f.t.Fatal("a step of the sweep removed nothing, although something is left to sweep")
		}
	}
	return steps
}

func (f *fleet) size() state.Size {
	f.t.Helper()
	size, err := f.store.Size()
	if err != nil {
		f.t.Fatal(err)
	}
	return size
}

func (f *fleet) history(name string) (list []*dkron.Execution) {
	f.t.Helper()
	err := f.store.View(func(tx *state.Tx) error {
		_, p, err := tx.Record(name)
		if err != nil {
			return err
		}
		return tx.History(p, func(e *dkron.Execution) bool { list = append(list, e); return true })
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

// compacting keeps the file compact until the test ends.
func (f *fleet) compacting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = f.store.KeepCompact(ctx, func(_ state.Compaction, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}()
	t.Cleanup(func() { cancel(); <-done; f.store.Close() })
}

func TestSmallDeadRecordsDontHideLargeOnes(t *testing.T) {
	const total, slack = 20 << 20, 64 << 20
	dir := t.TempDir()
	f := newFleet(t, dir)
	f.compacting(t)
	must[any](t, f.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 12_000}, TotalBytes: total}})
	must[*dkron.Record](t, f.machine, job("small"))
	must[*dkron.Record](t, f.machine, job("large", func(j *dkron.Job) { j.History.Count = 2 }))
	for range 12 {
		f.run("small", 1000, 0)
	}
	must[any](t, f.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 2}, TotalBytes: total}})
	for range 80 {
		f.run("large", 10, dkron.MaxOutput)
		if size := f.size(); size.Disk > 2*total+slack || size.Output > total {
			t.Fatalf("the file has %d bytes with %d of output, and a bound of %d", size.Disk, size.Output, total)
		}
	}
	f.clean()
	if wrong := f.wrong(true); wrong != "" {
		t.Error(wrong)
	}
	if n := len(f.history("large")); n != 10 { // the newest launch is whole
		t.Errorf("%d large ones are kept", n)
	}
	must[*dkron.Record](t, f.machine, &DeleteJob{Name: "large"})
	f.clean()
	if size := f.size(); size.Output != 0 {
		t.Errorf("%d bytes of output are kept of a deleted job", size.Output)
	}
}

func TestTheHistoryIsBoundedAtAnyMix(t *testing.T) {
	base, runs := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		dir := filepath.Join(base, fmt.Sprint(runs))
		f := newFleet(t, dir)
		defer func() { f.store.Close(); os.RemoveAll(dir) }()
		total := uint64(dkron.DefaultKeepTotal)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "job")
			there := f.store.Index().Name(name) != nil
			switch kind := rapid.IntRange(0, 11).Draw(t, "kind"); {
			case kind == 0:
				total = rapid.SampledFrom([]uint64{0, 1, 5_000, 100_000, 1 << 20}).Draw(t, "total")
				keep := dkron.Retention{Count: uint64(rapid.IntRange(1, 20).Draw(t, "count")), Bytes: rapid.SampledFrom([]uint64{0, 50_000}).Draw(t, "bytes")}
				must[any](t, f.machine, &Configure{dkron.Settings{History: keep, TotalBytes: total}})
			case kind == 1 && there:
				must[*dkron.Record](t, f.machine, &DeleteJob{Name: name})
			case kind == 2 && there:
				must[*dkron.Record](t, f.machine, &Clear{Name: name})
			case kind == 3 || !there:
				c := job(name, func(j *dkron.Job) { j.History.Count = uint64(rapid.IntRange(0, 9).Draw(t, "own count")) })
				if e := f.store.Index().Name(name); e != nil {
					c.Base = must[*dkron.Record](t, f.machine, &Clear{Name: name}).Job.Revision
				}
				must[*dkron.Record](t, f.machine, c)
			case kind == 4 && rapid.Bool().Draw(t, "all"):
				f.clean()
			default:
				size := rapid.SampledFrom([]int{0, 10, 1024, 1025, 4056, 4057, 30_000, dkron.MaxOutput}).Draw(t, "size")
				f.run(name, rapid.IntRange(1, 12).Draw(t, "nodes"), size)
			}
			// What is held exceeds a bound only by what one entry wrote, once it has been swept after the bound was lowered.
			if wrong := f.wrong(); wrong != "" {
				t.Fatal(wrong)
			}
		}
		f.clean()
		if held := f.size().Output; total > 0 && held > total {
			t.Fatalf("%d bytes of output are held, with a bound of %d", held, total)
		}
		must[any](t, f.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 3}, TotalBytes: total}})
		f.clean()
		if wrong := f.wrong(true); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

func TestOutputsOfAnySizeAreReadBackWhole(t *testing.T) {
	f := newFleet(t, t.TempDir())
	defer f.store.Close()
	must[*dkron.Record](t, f.machine, job("a"))
	sizes := []int{0, 1, 1024, 1025, 4056, 4057, 8112, 100_000, dkron.MaxOutput}
	for _, size := range sizes {
		f.run("a", 1, size)
	}
	for i, e := range f.history("a") {
		if want := sizes[len(sizes)-1-i]; len(e.Output) != want || e.Apart != 0 {
			t.Errorf("%d bytes of output were read back as %d", want, len(e.Output))
		}
	}
	err := f.store.View(func(tx *state.Tx) error {
		i := len(sizes)
		return tx.Executed(0, time.Time{}, func(e *dkron.Execution) bool {
			if i--; len(e.Output) != sizes[i] {
				t.Errorf("%d bytes are %d in the list of all jobs", sizes[i], len(e.Output))
			}
			return true
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheNewestLaunchIsKeptWhole(t *testing.T) {
	f := newFleet(t, t.TempDir())
	defer f.store.Close()
	must[*dkron.Record](t, f.machine, job("a", func(j *dkron.Job) { j.Retries = 1; j.History.Age = time.Minute }))
	count := func() (failed, all int) {
		list := f.history("a")
		for _, e := range list {
			if e.Outcome == dkron.Failed {
				failed++
			}
		}
		return failed, len(list)
	}
	f.start("a", 150)
	for range 15 {
		f.end("a", 10, 3)
		f.now = f.now.Add(10 * time.Second) // it is older than may be before it has ended
	}
	if failed, all := count(); failed != 2 || all != 150 { // including both attempts of n000
		t.Fatalf("while it runs %d executions are kept, %d of them failed", all, failed)
	}
	f.end("a", 1, 3)
	if failed, all := count(); failed != 2 || all != 151 {
		t.Fatalf("when it has ended %d executions are kept, %d of them failed", all, failed)
	}
	f.clean()
	if failed, all := count(); failed != 2 || all != 151 {
		t.Errorf("of the newest launch %d executions are kept, %d of them failed", all, failed)
	}
	second := f.start("a", 120)
	f.end("a", 1, 3)
	if _, all := count(); all != 152 {
		t.Errorf("a new launch pushed out executions of the newest ended one: %d are kept", all)
	}
	f.end("a", 120, 3)
	f.end("a", 1, 3)
	f.clean()
	for _, e := range f.history("a") {
		if e.Key.Launch != second.Launch.Number {
			t.Fatalf("an execution of launch %d is kept, although it is older than a minute or than the newest hundred", e.Key.Launch)
		}
	}
	if _, all := count(); all != 121 {
		t.Errorf("%d executions of the newest launch are kept", all)
	}
}

func TestTheNewestLaunchIsBoundByBytes(t *testing.T) {
	f := newFleet(t, t.TempDir())
	defer f.store.Close()
	must[*dkron.Record](t, f.machine, job("a", func(j *dkron.Job) { j.History.Bytes = 10_000 }))
	f.run("a", 150, 1000)
	f.clean()
	if n, size := len(f.history("a")), f.size(); n != 10 || size.Output != 10_000 {
		t.Errorf("%d executions with %d bytes are kept", n, size.Output)
	}
}

func TestAChattyJobDoesNotCostOthersTheirHistory(t *testing.T) {
	f := newFleet(t, t.TempDir())
	defer f.store.Close()
	must[any](t, f.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 100}, TotalBytes: 1 << 20}})
	must[*dkron.Record](t, f.machine, job("nightly"))
	must[*dkron.Record](t, f.machine, job("chatty", func(j *dkron.Job) { j.History.Count = 2 }))
	f.run("nightly", 3, 1000)
	for range 20 { // 5 MB in all, but half a MB at a time
		f.run("chatty", 1, dkron.MaxOutput)
	}
	if n := len(f.history("nightly")); n != 3 {
		t.Errorf("%d executions of the other job are left", n)
	}
}

func TestAJobThatIsDeletedCostsNothingAtOnceAndItsBytesGoSoon(t *testing.T) {
	f := newFleet(t, t.TempDir())
	defer f.store.Close()
	must[*dkron.Record](t, f.machine, job("a"))
	for range 10 {
		f.run("a", 10, 100_000)
	}
	before := f.size()
	must[*dkron.Record](t, f.machine, &DeleteJob{Name: "a"})
	if got := f.size(); got.Output != before.Output {
		t.Errorf("%d bytes were removed with the job", before.Output-got.Output)
	}
	if steps := f.clean(); steps < 1 || steps > 3 || f.size().Output != 0 {
		t.Errorf("after %d steps %d bytes are left", steps, f.size().Output)
	}
	if wrong := f.wrong(true); wrong != "" {
		t.Error(wrong)
	}
}

func TestAMachineThatIsCompactedMeanwhileEndsEqual(t *testing.T) {
	a, b := newFleet(t, t.TempDir()), newFleet(t, t.TempDir())
	defer b.store.Close()
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			if _, err := a.store.Compact(t.Context()); err != nil {
				t.Error(err)
			}
			n++
		}
	}()
	for i := range 120 {
		for _, f := range []*fleet{a, b} {
			name := fmt.Sprint("job-", i%7)
			if f.store.Index().Name(name) == nil {
				must[*dkron.Record](t, f.machine, job(name))
			}
			f.run(name, 1+i%5, i*i*17%60_000)
			if i%11 == 0 {
				must[*dkron.Record](t, f.machine, &DeleteJob{Name: name})
			}
			if i%13 == 0 {
				must[uint64](t, f.machine, new(Clean))
			}
		}
	}
	close(stop)
	if n := <-done; n < 2 {
		t.Errorf("compacted %d times", n)
	}
	if a.store.Dump() != b.store.Dump() {
		t.Error("the state compacted during writes differs from the other")
	}
	path := a.path
	a.store.Close()
	again, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Dump() != b.store.Dump() {
		t.Error("the state differs after it was opened again")
	}
}
