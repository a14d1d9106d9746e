package access

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestFailuresSlowDownTheirAddressAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(Config{})
		for range freeFailures - 1 {
			a.Failed("1.2.3.4")
		}
		if a.Wait("1.2.3.4") != 0 {
			t.Error("the first failures cost something")
		}
		for _, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
			a.Failed("1.2.3.4")
			if got := a.Wait("1.2.3.4"); got != want*time.Second {
				t.Errorf("%s instead of %ds", got, want)
			}
			time.Sleep(want * time.Second)
			if a.Wait("1.2.3.4") != 0 {
				t.Error("the wait does not end")
			}
		}
		a.Failed("1.2.3.4")
		if a.Wait("1.2.3.5") != 0 {
			t.Error("another address has to wait")
		}
		a.Succeeded("1.2.3.4")
		if a.Wait("1.2.3.4") != 0 {
			t.Error("a success is not counted")
		}
		for i := range 2 * maxFailing {
			a.Failed(fmt.Sprint(i))
		}
		if len(a.failed.of) > maxFailing {
			t.Errorf("%d addresses are kept", len(a.failed.of))
		}
	})
}
