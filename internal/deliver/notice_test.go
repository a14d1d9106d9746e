package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/state"
	"dkron/plugin"
)

// channels is a Notifier of functions.
type channels map[string]func(context.Context, *dkron.Notice) error

func (c channels) Has(name string) bool { return c[name] != nil }

func (c channels) Notify(ctx context.Context, name string, n *dkron.Notice) error {
	return c[name](ctx, n)
}

// refused is an error that another attempt will not mend.
type refused struct{ error }

func (refused) Permanent() bool { return true }

// tell records that channels are to tell of an attempt of a job's execution, at a time, and returns what is recorded.
func (w *world) tell(kind dkron.DeliveryKind, job uint64, attempt uint64, at time.Time, names ...string) {
	w.t.Helper()
	w.update(func(tx *state.Tx) error {
		tx.Tick(clock.Now())
		e := &dkron.Execution{
			JobName: fmt.Sprint("job", job), JobNumber: job, NodeName: "n1", Group: 5, Attempt: attempt, Key: dkron.ExecutionKey{Launch: 7},
			Nominal: clock.Now(), StartedAt: clock.Now(), Due: at,
		}
		d := &dkron.Delivery{Kind: kind, Job: e.JobName, JobNumber: job, At: clock.Now(), Copy: e, Owner: "old@example.com"}
		for _, n := range names {
			d.Targets = append(d.Targets, dkron.DeliveryTarget{Name: n, Next: at})
		}
		if kind == dkron.DeliverEnd {
			e.Outcome, e.FinishedAt = dkron.Success, e.StartedAt
		}
		return tx.AddDelivery(d)
	})
}

func (w *world) owner(job uint64, address string) {
	w.t.Helper()
	w.update(func(tx *state.Tx) error {
		j, p, err := tx.Record(fmt.Sprint("job", job))
		if err != nil {
			return err
		}
		j.OwnerEmail, j.UpdatedAt = address, clock.Now()
		return tx.PutJob(j, p)
	})
}

func told(c *calls, name string) func(context.Context, *dkron.Notice) error {
	return func(_ context.Context, n *dkron.Notice) error {
		c.note(fmt.Sprintf("%s:%s:%d@%d", name, n.Kind, n.Execution.Attempt, int(time.Since(c.began).Seconds())))
		return nil
	}
}

func TestEachChannelIsToldAndASlowOneHoldsUpNoOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := &calls{began: time.Now()}
		w := newWorld(t, nil)
		w.notifier = channels{
			dkron.ChannelMail: told(c, "mail"),
			dkron.ChannelWebhook: func(ctx context.Context, _ *dkron.Notice) error {
				<-ctx.Done() // hangs
				return ctx.Err()
			},
		}
		w.job(1)
		w.owner(1, "ops@example.com")
		for range 3 {
			w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelWebhook, dkron.ChannelMail)
		}
		defer w.term()()
		synctest.Wait()
		if want := "mail:end:1@0 mail:end:1@0 mail:end:1@0"; c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
		time.Sleep(10*time.Second + time.Millisecond)
		synctest.Wait()
		if n := w.count("told webhook "); n != 1 {
			t.Errorf("%d attempts have ended after ten seconds", n)
		}
	})
}

func TestAChannelIsTriedUntilItSucceedsAndKeepsTheOrderOfAJob(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, fails := &calls{began: time.Now()}, 3
		var ids []string
		w := newWorld(t, nil)
		w.notifier = channels{dkron.ChannelCronitor: func(ctx context.Context, n *dkron.Notice) error {
			ids = append(ids, n.ID)
			if fails--; fails >= 0 {
				return errors.New("no")
			}
			return told(c, "cronitor")(ctx, n)
		}}
		w.job(1)
		w.tell(dkron.DeliverStart, 1, 1, clock.Now(), dkron.ChannelCronitor)
		w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelCronitor)
		stop := w.term()
		time.Sleep(3500 * time.Millisecond) // three failed; the next is at 7 s
		stop()
		stop = w.term() // another leader
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		if want := "cronitor:start:1@7 cronitor:end:1@7"; c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
		if want := []string{"job1/5-n1/start", "job1/5-n1/start", "job1/5-n1/start", "job1/5-n1/start", "job1/5-n1/end"}; !slices.Equal(ids, want) {
			t.Errorf("ids %q", ids)
		}
	})
}

func TestAStartIsToldWhenItIsDueAndHoldsUpNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := &calls{began: time.Now()}
		w := newWorld(t, nil)
		w.notifier = channels{dkron.ChannelPreWebhook: told(c, "pre")}
		w.job(1)
		w.tell(dkron.DeliverStart, 1, 2, clock.Now().Add(90*time.Second), dkron.ChannelPreWebhook)
		w.tell(dkron.DeliverStart, 1, 3, clock.Now().Add(40*time.Second), dkron.ChannelPreWebhook)
		w.tell(dkron.DeliverStart, 1, 1, clock.Now(), dkron.ChannelPreWebhook)
		defer w.term()()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if want := "pre:start:1@0 pre:start:3@40 pre:start:2@90"; c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
	})
}

func TestARefusalIsGivenUpAfterHalfAMinuteAndOtherFailuresAfterADay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex // guards what follows
		tries := make(map[string]int)
		w := newWorld(t, nil)
		fail := func(err error) func(context.Context, *dkron.Notice) error {
			return func(_ context.Context, n *dkron.Notice) error {
				mu.Lock()
				defer mu.Unlock()
				tries[n.Execution.JobName]++
				return err
			}
		}
		w.notifier = channels{dkron.ChannelWebhook: fail(refused{errors.New("404")}), dkron.ChannelCronitor: fail(errors.New("500"))}
		w.job(1)
		w.job(2)
		w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelWebhook)
		w.tell(dkron.DeliverEnd, 1, 2, time.Time{}, dkron.ChannelWebhook)
		w.tell(dkron.DeliverEnd, 2, 1, time.Time{}, dkron.ChannelCronitor)
		defer w.term()()
		time.Sleep(32 * time.Second)
		synctest.Wait()
		mu.Lock()
		refusals := tries["job1"]
		mu.Unlock()
		if n := w.count("told webhook failed"); n != 2 || refusals != maxRefusals+1 { // the second with its first refusal
			t.Errorf("%d are given up after %d tries", n, refusals)
		}
		time.Sleep(23 * time.Hour)
		if n := w.count("told cronitor failed"); n != 0 {
			t.Error("given up within a day")
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := w.count("told cronitor failed"); n != 1 {
			t.Errorf("%d are given up after a day and %d tries", n, tries["job2"])
		}
	})
}

func TestAMailGoesToTheOwnerOfNowAndAMendedAddressIsTriedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := new(calls)
		w := newWorld(t, nil)
		w.notifier = channels{dkron.ChannelMail: func(_ context.Context, n *dkron.Notice) error {
			c.note(n.To)
			if n.To == "bad" {
				return errors.New("no such user")
			}
			return nil
		}}
		w.job(1)
		w.owner(1, "bad")
		w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelMail)
		w.tell(dkron.DeliverEnd, 99, 1, time.Time{}, dkron.ChannelMail) // its job is gone
		defer w.term()()
		time.Sleep(20 * time.Second)
		w.owner(1, "good")
		synctest.Wait()
		if want := "bad old@example.com bad bad bad bad good"; c.String() != want && c.String() != "old@example.com bad bad bad bad bad good" {
			t.Errorf("%s, want %s", c, want)
		}
		w.owner(1, "")
		w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelMail)
		synctest.Wait()
		if n := w.count("told mail dropped"); n != 1 {
			t.Errorf("%d are dropped: nobody is to be told any more", n)
		}
	})
}

func TestANoticeWaitsForProcessorsButNotForLong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, fails := &calls{began: time.Now()}, 2
		w := newWorld(t, map[string]plugin.Processor{"a": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			if fails--; fails >= 0 {
				return nil, errors.New("no")
			}
			return nil, nil
		})})
		w.notifier = channels{dkron.ChannelWebhook: told(c, "webhook")}
		w.job(1, "a")
		after := func() {
			w.update(func(tx *state.Tx) error {
				var last *dkron.Delivery
				if err := tx.EachDelivery(0, func(d *dkron.Delivery) bool { last = d; return true }); err != nil {
					return err
				}
				e := &dkron.Execution{JobName: "job1", JobNumber: 1, NodeName: "n1", Group: 5, Attempt: 1, Outcome: dkron.Success}
				return tx.AddDelivery(&dkron.Delivery{
					Kind: dkron.DeliverEnd, Job: "job1", JobNumber: 1, Execution: last.Execution, At: clock.Now(), Copy: e,
					Targets: []dkron.DeliveryTarget{{Name: dkron.ChannelWebhook}},
				})
			})
		}
		w.ended(1, "x")
		after()
		defer w.term()()
		time.Sleep(time.Minute) // the processor succeeds after three seconds
		synctest.Wait()
		if got := c.String(); got != "webhook:end:1@3" && got != "webhook:end:1@4" {
			t.Errorf("%s", got)
		}
		fails = 1000
		w.ended(1, "x")
		after()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := c.String(); !strings.HasSuffix(got, " webhook:end:1@90") {
			t.Errorf("%s", got)
		}
	})
}

func TestANoticeOfAChannelThatTheSettingsNoLongerHaveIsDropped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.notifier = channels{}
		w.job(1)
		w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelWebhook)
		defer w.term()()
		time.Sleep(9 * time.Minute)
		synctest.Wait()
		if n := w.count("told webhook dropped"); n != 0 {
			t.Error("dropped before another server could lead that has it")
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := w.count("told webhook dropped"); n != 1 {
			t.Errorf("%d are dropped", n)
		}
	})
}

// Somebody who sends a dead letter again has mended the receiver: it is tried at once, and also when it waits for its next attempt.
func TestADeadLetterThatIsSentAgainIsTriedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, down := new(calls), true
		w := newWorld(t, nil)
		w.notifier = channels{dkron.ChannelWebhook: func(_ context.Context, n *dkron.Notice) error {
			c.note(n.ID)
			if down {
				return errors.New("no route")
			}
			return nil
		}}
		w.job(1)
		w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelWebhook)
		again := func() {
			w.update(func(tx *state.Tx) error {
				m, err := tx.Message(1)
				if err != nil {
					d, err := tx.Delivery(1)
					if err == nil {
						err = tx.AddLetter(d, dkron.ChannelWebhook, "no route")
					}
					if err == nil {
						err = tx.RemoveDelivery(d)
					}
					if m, _ = tx.Message(1); m == nil {
						return err
					}
				}
				m.State = dkron.MessageWaiting
				return tx.SendLetter(m)
			})
			synctest.Wait()
		}
		again()
		defer w.term()()
		time.Sleep(time.Hour)
		c.take()
		again() // it waits for up to five minutes
		down = false
		again()
		got := c.take()
		if len(got) != 2 || got[0] != got[1] || !strings.HasSuffix(got[0], "/end") {
			t.Errorf("%q", got)
		}
		if n := w.count("told webhook dropped"); n != 0 {
			t.Errorf("%d count as dropped that somebody sent again", n)
		}
	})
}

func TestAChannelThatPanicsIsAFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.notifier = channels{dkron.ChannelWebhook: func(context.Context, *dkron.Notice) error { panic("oh") }}
		w.job(1)
		w.tell(dkron.DeliverEnd, 1, 1, time.Time{}, dkron.ChannelWebhook)
		defer w.term()()
		synctest.Wait()
		if r := w.results(); len(r) != 1 || r[0].Error != "it panicked: oh" {
			t.Errorf("%+v", r)
		}
	})
}

func TestTheLaunchOfANoticeHasAllOfItsExecutions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var got *dkron.Notice
		w := newWorld(t, nil)
		w.notifier = channels{dkron.ChannelWebhook: func(_ context.Context, n *dkron.Notice) error { got = n; return nil }}
		w.job(1)
		at := clock.Now()
		w.update(func(tx *state.Tx) error {
			j, p, err := tx.Record("job1")
			if err != nil {
				return err
			}
			tx.Tick(at)
			e := func(launch, attempt uint64, node string, after time.Duration, o dkron.Outcome) *dkron.Execution {
				return &dkron.Execution{
					JobName: j.Name, JobNumber: j.Number, Key: dkron.ExecutionKey{Launch: launch, Slot: uint64(node[0])}, NodeName: node, Group: int64(launch),
					Attempt: attempt, Nominal: at, StartedAt: at.Add(after), Outcome: o, Output: []byte(node),
				}
			}
			last := e(7, 2, "n", 2*time.Second, dkron.Failed)
			for _, x := range []*dkron.Execution{e(6, 1, "n", 0, dkron.Success), e(7, 1, "n", time.Second, dkron.Failed), e(8, 1, "n", 0, dkron.Success), last} {
				if err := tx.RecordExecution(x, p); err != nil {
					return err
				}
			}
			tx.PutProgress(j.Number, p)
			if err := tx.PutExecution(e(7, 1, "m", 0, "")); err != nil {
				return err
			}
			c := *last
			c.Output = nil
			return tx.AddDelivery(&dkron.Delivery{
				Kind: dkron.DeliverEnd, Job: j.Name, JobNumber: j.Number, Execution: last.Number, At: at, Copy: &c,
				Targets: []dkron.DeliveryTarget{{Name: dkron.ChannelWebhook}},
			})
		})
		defer w.term()()
		synctest.Wait()
		if got == nil {
			t.Fatal("not told")
		}
		var all []string
		for _, e := range got.Launch {
			all = append(all, fmt.Sprint(e.NodeName, e.Attempt, e.Outcome, len(e.Output)))
		}
		if want := []string{"m10", "n1failed0", "n2failed0"}; !slices.Equal(all, want) || string(got.Execution.Output) != "n" {
			t.Errorf("%q, want %q; output %q", all, want, got.Execution.Output)
		}
	})
}
