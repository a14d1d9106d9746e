package httpapi

import (
	"context"
	"net/http"
	"time"

	"dkron/internal/state"
)

// waitTime limits a request with ?wait. It is shorter than requestTime, so that even then there is an answer.
const waitTime = 40 * time.Second

func waits(r *http.Request) bool { return asks(r.URL.Query(), "wait") }

// await polls done and returns once it reports true. It polls again after each change of the job in the log after the
// given position, and passes the change to note. It also returns, without an error, when the time limit is reached, the
// client has disconnected or the server stops.
func (a *api) await(ctx context.Context, from state.Position, job string, note func(*state.Event), done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	defer context.AfterFunc(a.Ctx, cancel)()
	events := a.Store.Events()
	look := true
	for {
		list, more, ok := events.After(from, 1000)
		if !ok { // some are no longer held
			from, look = events.Last(), true
			continue
		}
		for i := range list {
			if from = list[i].At; list[i].Job == job {
				look = true
				note(&list[i])
			}
		}
		if look {
			if end, err := done(); end || err != nil {
				return err
			}
			look = false
		}
		if len(list) > 0 && ctx.Err() == nil {
			continue
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil
		}
	}
}
