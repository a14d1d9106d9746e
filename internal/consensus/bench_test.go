package consensus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkPropose has many callers at once, as a leader with results to record has.
func BenchmarkPropose(b *testing.B) {
	var text strings.Builder
	for i := 0; text.Len() < 250_000; i++ {
		fmt.Fprintf(&text, "2026-11-28T21:00:%02d INFO request %d handled status=200 took=%dms\n", i%60, i, rand.IntN(300))
	}
	random := make([]byte, 250_000)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	for name, data := range map[string][]byte{"300": random[:300], "20k-text": []byte(text.String()[:20_000]),
		"250k-text": []byte(text.String()), "250k-random": random} {
		b.Run(name, func(b *testing.B) {
			s := single(b)
			s.machine.onApply = func(Entry) any { return true }
			b.SetBytes(int64(len(data)))
			b.SetParallelism(16)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, _, err := s.node.Propose(context.Background(), data); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
