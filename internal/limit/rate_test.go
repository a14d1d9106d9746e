package limit

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestAClientMayDoSomethingsAtOnceAndThenSoManyASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRates(100)
		for range r.Burst() {
			if wait := r.Take("a", time.Now()); wait != 0 {
				t.Fatalf("within the burst it waits %s", wait)
			}
		}
		if wait := r.Take("a", time.Now()); wait != 10*time.Millisecond {
			t.Errorf("the next one has to wait %s", wait)
		}
		if r.Take("b", time.Now()) != 0 {
			t.Error("another client has to wait")
		}
		allowed := 0
		for range 10_000 {
			time.Sleep(time.Millisecond)
			if r.Take("a", time.Now()) == 0 {
				allowed++
			}
		}
		if allowed < 999 || allowed > 1001 {
			t.Errorf("%d in ten seconds at 100 a second", allowed)
		}
		if r.Refused() != uint64(1+10_000-allowed) {
			t.Errorf("%d are counted as refused", r.Refused())
		}
	})
}

func TestASmallRateStillLetsAPageLoad(t *testing.T) {
	r, now := NewRates(1), time.Now()
	for range leastBurst {
		if r.Take("page", now) != 0 {
			t.Fatal("it waits")
		}
	}
	if wait := r.Take("page", now); wait < 900*time.Millisecond {
		t.Errorf("then it waits %s", wait)
	}
}

func TestNoRateIsNoLimit(t *testing.T) {
	r := NewRates(0)
	for range 10_000 {
		if r.Take("a", time.Now()) != 0 {
			t.Fatal("it waits")
		}
	}
	if r.Refused() != 0 {
		t.Error("it has refused something")
	}
}

func TestClientsThatAskAreBoundedInMemory(t *testing.T) {
	r, now := NewRates(1), time.Now()
	for range leastBurst {
		r.Take("busy", now)
	}
	for i := range 3 * maxRated {
		r.Take(fmt.Sprint(i), now)
		if i%1000 == 0 && r.Take("busy", now) == 0 {
			t.Fatal("many clients make it forget one that asks too often")
		}
	}
	if r.of.Len() > maxRated {
		t.Errorf("%d clients are kept", r.of.Len())
	}
}

func TestRecentForgetsWhatWasUsedLongestAgo(t *testing.T) {
	r := NewRecent[int](2)
	for _, key := range []string{"a", "b", "a", "c"} {
		n, _ := r.Use(key)
		*n++
	}
	var left []string
	for _, key := range []string{"a", "b", "c"} {
		if r.Get(key) != nil {
			left = append(left, fmt.Sprint(key, *r.Get(key)))
		}
	}
	if !slices.Equal(left, []string{"a2", "c1"}) || r.Len() != 2 {
		t.Errorf("%v", left)
	}
	r.Forget("a")
	r.Forget("a")
	if r.Get("a") != nil || r.Len() != 1 {
		t.Error("it is still there")
	}
}
