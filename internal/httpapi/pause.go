package httpapi

import (
	"context"
	"net/http"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
)

type pauseJSON struct {
	Paused bool `json:"paused"`
}

func (a *api) getPause(w http.ResponseWriter, r *http.Request) error {
	paused, err := a.Store.Paused()
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, pauseJSON{paused})
}

func (a *api) pause(w http.ResponseWriter, r *http.Request) error { return a.setPaused(w, r, true) }

func (a *api) unpause(w http.ResponseWriter, r *http.Request) error { return a.setPaused(w, r, false) }

func (a *api) setPaused(w http.ResponseWriter, r *http.Request, paused bool) error {
	if _, err := request.Do(r.Context(), a.Controller, &request.SetPaused{Paused: paused}); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, pauseJSON{paused})
}

// refusePaused returns ErrPaused while submissions are paused. This server may not know yet that they have been
// resumed.
func (a *api) refusePaused(ctx context.Context) error {
	paused, err := a.Store.Paused()
	if err == nil && paused && a.Syncer != nil {
		ctx, cancel := context.WithTimeout(ctx, pausedTime)
		defer cancel()
		if a.Syncer.Sync(ctx) == nil {
			paused, err = a.Store.Paused()
		}
	}
	if err == nil && paused {
		return dkron.ErrPaused
	}
	return err
}

// pausedTime limits a write's wait to learn whether submissions are still paused.
const pausedTime = 2 * time.Second
