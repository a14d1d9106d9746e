package queue

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQueueAnswersLikeAScanOverAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q Queue[int]
		model := map[int]int64{}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k, v := rapid.IntRange(0, 40).Draw(t, "k"), rapid.Int64Range(0, 20).Draw(t, "v")
				q.Set(k, time.Unix(0, v))
				model[k] = v
			},
			"remove": func(t *rapid.T) {
				k := rapid.IntRange(0, 40).Draw(t, "k")
				q.Remove(k)
				delete(model, k)
			},
			"pop": func(t *rapid.T) {
				now := rapid.Int64Range(0, 20).Draw(t, "now")
				k, ok := q.Pop(time.Unix(0, now))
				least, some := leastOf(model)
				if ok != (some && least <= now) {
					t.Fatalf("Pop says %v; the earliest is %d (%v), now is %d", ok, least, some, now)
				}
				if ok && model[k] != least {
					t.Fatalf("popped an instant of %d, the earliest is %d", model[k], least)
				}
				if ok {
					delete(model, k)
				}
			},
			"refill": func(t *rapid.T) {
				q.Fill(len(model), func(add func(int, time.Time)) {
					for k, v := range model {
						add(k, time.Unix(0, v))
					}
				})
			},
			"": func(t *rapid.T) {
				least, some := leastOf(model)
				when, ok := q.First()
				if q.Len() != len(model) || ok != some || ok && when.UnixNano() != least {
					t.Fatalf("First is %v %v, want %d %v", when, ok, least, some)
				}
			},
		})
	})
}

func leastOf(m map[int]int64) (least int64, some bool) {
	for _, v := range m {
		if !some || v < least {
			least, some = v, true
		}
	}
	return least, some
}
