package agent

import (
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/codec"
	"dkron/plugin"
)

func TestEveryPartOfARecordSurvives(t *testing.T) {
	at := time.Unix(1_700_000_000, 5).UTC()
	ref := dkron.ExecutionRef{JobName: "j", Group: 1, Attempt: 2, Slot: 3}
	in := &record{
		Term: 7, Accepted: []dkron.Order{order("a", 1), order("b", 2)}, Started: &started{ref, []byte("h"), at, at},
		Result: &dkron.Result{JobName: "j", Outcome: dkron.Lost}, Forget: []dkron.ExecutionRef{ref}, At: at, Cluster: "c",
	}
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("%s is not tested", v.Type().Field(i).Name)
		}
	}
	out := new(record)
	if err := codec.Decode(codec.Encode(in), out); err != nil || !reflect.DeepEqual(in, out) {
		t.Fatalf("%+v, %v", out, err)
	}
}

// journalOfThree returns a journal with the orders a, b and c, in a record each, and where each record ends.
func journalOfThree(t *testing.T) (data []byte, ends []int) {
	dir := t.TempDir()
	j, err := openJournal(journalOf(dir), quiet, func(*record) {})
	if err != nil {
		t.Fatal(err)
	}
	for n, name := range []string{"a", "b", "c"} {
		if err := j.append(&record{Term: 1, Accepted: []dkron.Order{order(name, uint64(n))}}, true); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(j.size))
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	data, err = os.ReadFile(journalOf(dir))
	if err != nil || len(data) != ends[2] {
		t.Fatal(err)
	}
	return data, ends
}

// known opens a journal and returns the jobs of its orders.
func known(t *testing.T, dir string) (names []string) {
	t.Helper()
	j, err := openJournal(journalOf(dir), quiet, func(r *record) {
		for _, o := range r.Accepted {
			names = append(names, o.JobName)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	// What is written after it is found again, and nothing that was cut off: the record is as long as those of the
	// test.
	if err := j.append(&record{Term: 1, Accepted: []dkron.Order{order("x", 9)}}, true); err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	var again []string
	if j, err = openJournal(journalOf(dir), quiet, func(r *record) { again = append(again, r.Accepted[0].JobName) }); err != nil {
		t.Fatal(err)
	}
	if want := append(slices.Clone(names), "x"); !slices.Equal(again, want) {
		t.Errorf("after writing on: %v, want %v", again, want)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTornTailIsCutWhereverItTears(t *testing.T) {
	data, ends := journalOfThree(t)
	for n := range data {
		var want []string
		for i, end := range ends {
			if n >= end {
				want = append(want, []string{"a", "b", "c"}[i])
			}
		}
		for fill, tail := range map[string][]byte{"cut": nil, "zeros": make([]byte, len(data)-n)} {
			dir := t.TempDir()
			write(t, dir, append(slices.Clone(data[:n]), tail...))
			if fill == "zeros" && !slices.Contains(append(ends, 0), n) {
				continue // not torn between records: what counts is that nothing is made up, and that it continues
			}
			if got := knownQuietly(t, dir, fill == "zeros"); !slices.Equal(got, want) {
				t.Fatalf("%s at %d: knows %v, want %v", fill, n, got, want)
			}
		}
	}
}

// knownQuietly is known; it does not write after a hole of zeros.
func knownQuietly(t *testing.T, dir string, hole bool) (names []string) {
	if !hole {
		return known(t, dir)
	}
	j, err := openJournal(journalOf(dir), quiet, func(r *record) {
		for _, o := range r.Accepted {
			names = append(names, o.JobName)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDamagedRecordDoesNotHideThoseAfterIt(t *testing.T) {
	data, ends := journalOfThree(t)
	for at := ends[0] + 4; at < ends[1]; at++ { // the checksum and the body of b
		bad := slices.Clone(data)
		bad[at] ^= 0x40
		dir := t.TempDir()
		write(t, dir, bad)
		if got := known(t, dir); !slices.Equal(got, []string{"a", "c"}) {
			t.Fatalf("byte %d damaged: knows %v", at, got)
		}
	}
	for at := ends[0]; at < ends[0]+4; at++ { // its length: nothing behind can be found
		bad := slices.Clone(data)
		bad[at] ^= 0x40
		dir := t.TempDir()
		write(t, dir, bad)
		if got := known(t, dir); !slices.Contains(got, "a") {
			t.Fatalf("byte %d damaged: knows %v", at, got)
		}
	}
}

func TestExecutionAfterDamageIsNotStartedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		data, ends := journalOfThree(t)
		data[ends[0]+10] ^= 1
		dir := t.TempDir()
		write(t, dir, data)
		e := &executor{}
		l := attach(t, open(t, dir, e), 2)
		l.order(order("a", 0), order("c", 2))
		l.results()
		if s := e.started(); len(s) != 0 {
			t.Fatalf("started %v", s)
		}
	})
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 100))
	f.Add(frame(&record{Accepted: []dkron.Order{order("a", 1)}}))
	f.Add([]byte{0x07, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		write(t, dir, data)
		a := open(t, dir, &executor{})
		a.running.Wait()
	})
}

// full makes writes to the journal fail as on a full disk, until heal.
func full(t *testing.T, a *Agent) {
	f, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	a.journal.mu.Lock()
	defer a.journal.mu.Unlock()
	a.journal.file.Close()
	a.journal.file = f
}

func TestWhatCannotBeJournalledDoesNotStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		e := &executor{}
		a := open(t, dir, e)
		l := attach(t, a, 1)
		l.order(order("before", 1))
		l.only()
		full(t, a)
		if err := os.Mkdir(journalOf(dir)+".new", 0o700); err != nil { // it can't be written anew either
			t.Fatal(err)
		}
		o := order("job", 2)
		l.order(o)
		l.ended()
		again := attach(t, a, 1)
		again.order(o)
		again.ended()
		if s := e.started(); len(s) != 1 {
			t.Fatalf("started %v", s)
		}
		// A leader of a newer term is not served while its term can't be written.
		attach(t, a, 2).ended()

		// When there is room again all continues by itself, and nothing is forgotten.
		if err := os.Remove(journalOf(dir) + ".new"); err != nil {
			t.Fatal(err)
		}
		last := attach(t, a, 3)
		last.order(o)
		if rs := last.results(); len(rs) != 2 || len(e.started()) != 2 {
			t.Fatalf("with room again: %s, started %v", summary(rs), e.started())
		}
		b := attach(t, open(t, crash(t, dir), e), 4)
		b.order(order("before", 1), o)
		if rs := b.results(); len(rs) < 2 || len(e.started()) != 2 {
			t.Fatalf("after a crash: %s, started %v", summary(rs), e.started())
		}
	})
}

func TestResultThatCannotBeJournalledIsStillReported(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			time.Sleep(time.Second)
			return &plugin.ExecuteResponse{}, nil
		}})
		l := attach(t, a, 1)
		o := order("job", 1)
		l.order(o)
		synctest.Wait()
		full(t, a)
		time.Sleep(2 * time.Second)
		l.only()
		l.accepted(o.Ref())
		l.goesOn()
		if !a.idle() {
			t.Fatal("the result is kept")
		}
		l.order(o)
		if r := l.results(); len(r) != 0 {
			t.Fatal("it ran again")
		}
	})
}

func TestLongJournalIsRewritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		e := &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			return &plugin.ExecuteResponse{Output: make([]byte, dkron.MaxOutput)}, nil
		}}
		a := open(t, dir, e)
		l := attach(t, a, 1)
		kept := order("kept", 1000)
		l.order(kept)
		l.only()
		for n := range uint64(80) {
			o := order("job", n)
			l.order(o)
			l.only()
			l.accepted(o.Ref())
			synctest.Wait()
			l.mu.Lock()
			l.got, l.read = nil, 0
			l.mu.Unlock()
		}
		info, err := os.Stat(journalOf(dir))
		if err != nil || info.Size() > rotateSize {
			t.Fatalf("20 MB of results make a journal of %d, %v", info.Size(), err)
		}
		if _, err := os.Stat(journalOf(dir) + ".new"); err == nil {
			t.Error("the new file is left next to the journal")
		}
		before := len(e.started())
		b := attach(t, open(t, crash(t, dir), e), 1)
		b.order(kept)
		for n := range uint64(80) {
			b.order(order("job", n))
		}
		rs := b.results()
		for _, r := range rs {
			if r.JobName != "kept" || r.OutputSize != dkron.MaxOutput {
				t.Errorf("unexpected %s", summary([]dkron.Result{r}))
			}
		}
		if len(rs) == 0 || len(e.started()) != before {
			t.Errorf("%d results; started %d more", len(rs), len(e.started())-before)
		}
	})
}

// Whatever happens, in whatever order, a node that crashes knows afterwards: each result that is not accepted, each
// execution that may have started, the newest term.
func TestCrashAndRotationKeepWhatMatters(t *testing.T) {
	bubble(t, func(t *testing.T) {
		rapid.Check(struct{ testing.TB }{t}, func(rt *rapid.T) { // rapid asks for a deadline, which a bubble has not
			dir := t.TempDir()
			ends := map[string]chan struct{}{}
			follow := func(ctx context.Context, r *plugin.ExecuteRequest, _ []byte, _ plugin.Status) (*plugin.ExecuteResponse, error) {
				select {
				case <-ends[r.JobName]:
					return &plugin.ExecuteResponse{Output: []byte(r.JobName)}, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			handled := func(name string) bool { return name[len(name)-1]%2 == 0 }
			e := &adopter{adopt: follow}
			e.do = func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
				if handled(r.JobName) {
					if err := s.Started([]byte(r.JobName)); err != nil {
						return nil, err
					}
				}
				return follow(ctx, r, nil, s)
			}
			var agents []*Agent
			defer func() {
				for _, a := range agents {
					a.Close()
				}
			}()
			start := func() *Agent {
				a, err := Open(Config{NodeName: "n1", DataDir: dir, Executors: map[string]plugin.Executor{"test": e}, Logger: quiet})
				if err != nil {
					rt.Fatal(err)
				}
				agents = append(agents, a)
				synctest.Wait()
				return a
			}
			a := start()
			term := uint64(0)
			elect := func(rt *rapid.T) {
				term++
				if err := a.bind(newLink(term, "")); err != nil {
					rt.Fatal(err)
				}
			}
			elect(rt)
			state := map[string]string{} // of each job: running, success, lost, accepted
			launch := map[string]uint64{}
			pick := func(rt *rapid.T, s string) string {
				var names []string
				for _, n := range slices.Sorted(maps.Keys(state)) {
					if state[n] == s {
						names = append(names, n)
					}
				}
				if len(names) == 0 {
					rt.Skip()
				}
				return rapid.SampledFrom(names).Draw(rt, "job")
			}
			rt.Repeat(map[string]func(*rapid.T){
				"order": func(rt *rapid.T) {
					name := fmt.Sprint("job", len(state))
					ends[name], launch[name], state[name] = make(chan struct{}), uint64(len(state)), "running"
					if err := a.accept(term, []dkron.Order{order(name, launch[name])}); err != nil {
						rt.Fatal(err)
					}
					synctest.Wait()
				},
				"end": func(rt *rapid.T) {
					name := pick(rt, "running")
					close(ends[name])
					state[name] = "success"
					synctest.Wait()
				},
				"accepted": func(rt *rapid.T) {
					name := pick(rt, rapid.SampledFrom([]string{"success", "lost"}).Draw(rt, "of"))
					o := order(name, launch[name])
					a.forget([]dkron.ExecutionRef{o.Ref()})
					state[name] = "accepted"
				},
				"term": elect,
				"rotate": func(rt *rapid.T) {
					if err := a.journal.rewrite(a.live); err != nil {
						rt.Fatal(err)
					}
				},
				"crash": func(*rapid.T) {
					dir = crash(t, dir)
					for name, s := range state {
						if s == "running" && !handled(name) {
							state[name] = "lost"
						}
					}
					a = start()
				},
				"": func(rt *rapid.T) {
					a.mu.Lock()
					defer a.mu.Unlock()
					if a.term != term {
						rt.Fatalf("term %d, want %d", a.term, term)
					}
					for name, s := range state {
						o := order(name, launch[name])
						k := a.tasks[o.Ref()]
						_, ended := a.ended[o.Ref()]
						got := "forgotten"
						switch {
						case ended && k == nil:
							got = "accepted"
						case k != nil && k.result == nil:
							got = "running"
						case k != nil:
							got = string(k.result.Outcome)
						}
						if got != s {
							rt.Fatalf("%s: %s, want %s", name, got, s)
						}
					}
				},
			})
		})
	})
}

// Between the two a journal that is written anew would hold neither the record nor the result.
func TestTaskHasItsResultBeforeTheJournalHas(t *testing.T) {
	gate := make(chan struct{})
	a := open(t, t.TempDir(), &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
		<-gate
		return &plugin.ExecuteResponse{}, nil
	}})
	if err := a.accept(1, []dkron.Order{order("job", 1)}); err != nil {
		t.Fatal(err)
	}
	a.journal.mu.Lock() // as rewrite does
	defer a.journal.mu.Unlock()
	close(gate)
	for limit := time.Now().Add(5 * time.Second); a.Running() > 0; {
		if time.Now().After(limit) {
			t.Fatal("the result waits for the journal")
		}
		runtime.Gosched()
	}
}
