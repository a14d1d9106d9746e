package standing

import (
	"context"
	"time"

	"dkron/internal/clock"
	"dkron/internal/roster"
)

// Agree reports whether the clocks of most voters show the same as this server's, within limit and the time of a call.
// It asks all at once and returns as soon as the result is certain.
func (s *Standing) Agree(ctx context.Context, limit time.Duration) bool {
	servers, err := s.Servers.Servers()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, askServer)
	defer cancel()
	voters, agree, answers := 0, 1, make(chan bool, len(servers))
	for _, sv := range servers {
		if !sv.Voter {
			continue
		}
		voters++
		if sv.ID != s.Name {
			go func() { answers <- s.agrees(ctx, sv, limit) }()
		}
	}
	for left := voters - 1; left > 0 && agree <= voters/2; left-- {
		if <-answers {
			agree++
		}
	}
	return agree > voters/2
}

func (s *Standing) agrees(ctx context.Context, sv roster.Server, limit time.Duration) bool {
	asked := time.Now()
	before := clock.Now()
	r, err := s.ask(ctx, sv)
	if err != nil || r.Now.IsZero() {
		return false
	}
	took := time.Since(asked)
	ahead := r.Now.Sub(before) // between 0 and took, if the clocks are equal
	return ahead >= -limit && ahead <= took+limit
}
