package agent

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

func TestOlderTermIsRefusedAndTheNewerStreamStays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		e := &executor{}
		a := open(t, dir, e)
		newer := attach(t, a, 5)
		synctest.Wait()
		older := attach(t, a, 4)
		older.order(order("old", 1))
		if err := older.ended(); !errors.Is(err, errTerm) {
			t.Errorf("the older leader's stream ended with %v", err)
		}
		if m := older.messages(); len(m) != 1 || m[0].Term != 5 {
			t.Errorf("the older leader got %+v, want term 5", m)
		}
		newer.goesOn()
		newer.order(order("new", 2))
		newer.only()

		// The term is known after a restart, also if nothing was ordered in it.
		attach(t, a, 6)
		synctest.Wait()
		b := open(t, crash(t, dir), e)
		attach(t, b, 5).ended()
		if s := e.started(); len(s) != 1 {
			t.Errorf("started %v", s)
		}
	})
}

func TestNewerTermEndsTheOlderStream(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &executor{}
		a := open(t, t.TempDir(), e)
		older := attach(t, a, 1)
		synctest.Wait()
		newer := attach(t, a, 2)
		if err := older.ended(); !errors.Is(err, errTerm) {
			t.Errorf("the older stream ended with %v", err)
		}
		newer.goesOn()
		// An order that the older stream had read when the newer leader came.
		if err := a.accept(1, []dkron.Order{order("old", 1)}); !errors.Is(err, errTerm) {
			t.Errorf("an order of term 1 is taken in term 2: %v", err)
		}
		synctest.Wait()
		if s := e.started(); len(s) != 0 {
			t.Errorf("started %v", s)
		}
	})
}

func TestTermMustNotChangeWithinAStream(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &executor{}
		l := attach(t, open(t, t.TempDir(), e), 1)
		synctest.Wait()
		l.term = 2
		l.order(order("job", 1))
		l.ended()
		if len(e.started()) != 0 {
			t.Error("started")
		}
	})
}

func TestLateOrdersAreRefusedWhateverTheClocksShow(t *testing.T) {
	for _, skew := range []time.Duration{-time.Hour, -time.Second, 0, time.Second, time.Hour} {
		for late, refused := range map[time.Duration]bool{0: false, 9 * time.Second: false, 11 * time.Second: true, time.Minute: true} {
			t.Run(fmt.Sprint(skew, late), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					e := &executor{}
					l := attachSkewed(t, open(t, t.TempDir(), e), 1, skew)
					synctest.Wait()
					sent := time.Now()
					time.Sleep(late)
					l.say(&dkron.ToNode{SentAt: sent, Orders: []dkron.Order{order("job", 1)}})
					if refused {
						l.ended()
					} else {
						l.goesOn()
					}
					if got := len(e.started()) == 0; got != refused {
						t.Fatalf("refused: %t, want %t", got, refused)
					}
				})
			})
		}
	}
}

func TestOrdersAreTakenAfterTheLeadersWallClockWasSet(t *testing.T) {
	for _, step := range []time.Duration{-time.Hour, -11 * time.Second, 11 * time.Second, time.Hour} {
		t.Run(step.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				e := &executor{}
				l := attach(t, open(t, t.TempDir(), e), 1)
				l.order(order("job", 1))
				synctest.Wait()
				l.skew = step
				l.order(order("job", 2))
				synctest.Wait()
				l.skew = 0
				l.order(order("job", 3))
				l.goesOn()
				if got := len(e.started()); got != 3 {
					t.Errorf("%d of 3 orders were started", got)
				}
			})
		})
	}
}

func TestLateBeatIsNoReasonToEndAStream(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := attach(t, open(t, t.TempDir(), &executor{}), 1)
		l.say(&dkron.ToNode{SentAt: time.Now().Add(-time.Hour)})
		l.goesOn()
	})
}

func TestNodeShowsThatItIsAlive(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := attach(t, open(t, t.TempDir(), &executor{do: untilStopped}), 1)
		l.messages()
		time.Sleep(10*time.Second + time.Millisecond)
		if n := len(l.messages()); n < 18 || n > 22 {
			t.Fatalf("%d messages in 10 s without a run, want 20", n)
		}
		l.order(order("job", 1))
		time.Sleep(time.Second)
		l.messages()
		time.Sleep(10 * time.Second)
		if n := len(l.messages()); n < 38 || n > 42 {
			t.Fatalf("%d messages in 10 s with a run, want 40", n)
		}
	})
}
