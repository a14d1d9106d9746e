package forecast

import (
	"fmt"
	"testing"
	"time"

	"dkron"
	"dkron/internal/index"
)

// BenchmarkDueOfMany is the ten soonest due times of 100,000 jobs.
func BenchmarkDueOfMany(b *testing.B) {
	x, now := index.New(), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for i := range 100_000 {
		name := fmt.Sprintf("job-%06d", i)
		x.Add(index.NewEntry(
			&dkron.Job{Name: name, Number: uint64(i + 1), Schedule: fmt.Sprintf("0 %d * * * *", i%60)},
			&dkron.Progress{Name: name, Next: now.Add(time.Duration(i%60) * time.Minute)}))
	}
	b.ReportAllocs()
	for b.Loop() {
		Due(x, &Query{From: now, Until: now.Add(24 * time.Hour), Limit: 10}, now.Add(time.Hour*1e5), func(Firing) {})
	}
}
