package cluster

import (
	"testing"
	"time"
)

// pollEvery is how often a condition is checked.
const pollEvery = 50 * time.Millisecond

// Eventually waits until condition is true and returns how long that took. It fails the test if that takes longer than
// within.
func Eventually(t testing.TB, within time.Duration, what string, condition func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for {
		if condition() {
			return time.Since(began)
		}
		if time.Since(began) > within {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(pollEvery)
	}
}

// hold waits for a fixed time. It is for faults that last by definition, never for conditions.
func hold(d time.Duration) { time.Sleep(d) }
