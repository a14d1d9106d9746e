package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"dkron/internal/respond"
)

// Syncer brings this server up to date.
type Syncer interface {
	// Sync returns once this server's state contains every write that was acknowledged anywhere before the call.
	Sync(ctx context.Context) error
}

// syncTime limits the wait of a consistent read for the leader, and for this server to catch up with it.
const syncTime = 10 * time.Second

// sync waits as ?consistent asks.
func (a *api) sync(r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || !asks(r.URL.Query(), "consistent") {
		return nil
	}
	if a.Syncer == nil {
		return respond.Refuse(http.StatusNotImplemented, "this server has no consistent reads; leave out ?consistent")
	}
	ctx, cancel := context.WithTimeout(r.Context(), syncTime)
	defer cancel()
	err := a.Syncer.Sync(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return respond.Refuse(http.StatusServiceUnavailable, "this server could not catch up with the leader in time; try again, or leave out ?consistent")
	}
	return err
}
