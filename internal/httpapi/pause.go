package httpapi

import "net/http"

type pauseJSON struct {
	Paused bool `json:"paused"`
}

func (a *api) getPause(w http.ResponseWriter, r *http.Request) error {
	paused, err := a.Store.Paused()
	if err != nil {
		return err
	}
	return writeJSON(w, r, http.StatusOK, pauseJSON{paused})
}

func (a *api) pause(w http.ResponseWriter, r *http.Request) error { return a.setPaused(w, r, true) }

func (a *api) unpause(w http.ResponseWriter, r *http.Request) error { return a.setPaused(w, r, false) }

func (a *api) setPaused(w http.ResponseWriter, r *http.Request, paused bool) error {
	if err := a.Controller.SetPaused(r.Context(), paused); err != nil {
		return err
	}
	return writeJSON(w, r, http.StatusOK, pauseJSON{paused})
}
