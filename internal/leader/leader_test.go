package leader

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var quiet = slog.New(slog.DiscardHandler)

// reign starts to serve duties; it returns the channel of terms, and a channel that closes when Serve has returned.
func reign(duties ...Duty) (chan<- Term, <-chan struct{}) {
	terms, done := make(chan Term), make(chan struct{})
	go func() { Serve(terms, duties, func(time.Duration) {}, quiet); close(done) }()
	return terms, done
}

func TestEveryTermRunsEveryDutyUntilItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running [2]atomic.Int32
		var seen [2][]uint64
		duty := func(i int) Duty {
			return Duty{"duty", func(ctx context.Context, term uint64) error {
				running[i].Add(1)
				defer running[i].Add(-1)
				seen[i] = append(seen[i], term)
				<-ctx.Done()
				return ctx.Err()
			}}
		}
		terms, done := reign(duty(0), duty(1))
		for n := uint64(3); n < 6; n++ {
			ctx, cancel := context.WithCancel(t.Context())
			terms <- Term{n, ctx}
			time.Sleep(time.Hour)
			synctest.Wait()
			if running[0].Load() != 1 || running[1].Load() != 1 {
				t.Fatalf("term %d: %d and %d run", n, running[0].Load(), running[1].Load())
			}
			cancel()
			synctest.Wait()
			if running[0].Load() != 0 || running[1].Load() != 0 {
				t.Fatalf("after term %d: %d and %d run", n, running[0].Load(), running[1].Load())
			}
		}
		close(terms)
		<-done
		for i := range seen {
			if want := []uint64{3, 4, 5}; !slices.Equal(seen[i], want) {
				t.Errorf("duty %d ran in the terms %v, want %v", i, seen[i], want)
			}
		}
	})
}

func TestNextTermBeginsWhenAllDutiesOfTheLastHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int32
		terms, done := reign(Duty{"slow", func(ctx context.Context, _ uint64) error {
			if running.Add(1) != 1 {
				t.Error("two terms at once")
			}
			<-ctx.Done()
			time.Sleep(time.Minute)
			running.Add(-1)
			return nil
		}})
		for n := range uint64(3) {
			ctx, cancel := context.WithCancel(t.Context())
			terms <- Term{n, ctx}
			cancel()
		}
		close(terms)
		<-done
	})
}

func TestDutyThatEndsEarlyIsStartedAgainAndTheTermGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed, other atomic.Int32
		terms, done := reign(
			Duty{"fails", func(context.Context, uint64) error {
				if failed.Add(1)%2 == 0 {
					return nil // returning without an error is treated the same
				}
				return errors.New("no disk")
			}},
			Duty{"runs", func(ctx context.Context, _ uint64) error { other.Add(1); <-ctx.Done(); return nil }},
		)
		ctx, cancel := context.WithCancel(t.Context())
		terms <- Term{1, ctx}
		time.Sleep(2*time.Second + time.Millisecond)
		synctest.Wait()
		if n := failed.Load(); n != 11 || other.Load() != 1 {
			t.Errorf("started %d times in 2 s, the other %d times", n, other.Load())
		}
		cancel()
		synctest.Wait()
		n := failed.Load()
		time.Sleep(time.Minute)
		if failed.Load() != n {
			t.Error("started again after the end of its term")
		}
		close(terms)
		<-done
	})
}

func TestTermThatEndsDuringThePauseEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		terms, done := reign(Duty{"fails", func(context.Context, uint64) error { return errors.New("no") }})
		ctx, cancel := context.WithCancel(t.Context())
		terms <- Term{1, ctx}
		synctest.Wait()
		began := time.Now()
		cancel()
		close(terms)
		<-done
		if d := time.Since(began); d != 0 {
			t.Errorf("it took %s", d)
		}
	})
}

func TestHowLongATermTookToEndIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		terms, done, took := make(chan Term), make(chan struct{}), make(chan time.Duration, 1)
		slow := Duty{"slow", func(ctx context.Context, _ uint64) error {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			return nil
		}}
		go func() { Serve(terms, []Duty{slow}, func(d time.Duration) { took <- d }, quiet); close(done) }()
		ctx, cancel := context.WithCancel(t.Context())
		terms <- Term{1, ctx}
		time.Sleep(time.Hour)
		cancel()
		if d := <-took; d != 3*time.Second {
			t.Errorf("%s, want 3 s", d)
		}
		close(terms)
		<-done
	})
}
