package httpapi

import (
	"net/http"

	"dkron"
	"dkron/internal/jobform"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// settingsJSON is the settings that all servers share, with every default filled in.
type settingsJSON struct {
	History keepJSON `json:"history"`
}

// keepJSON is the default limit of a job's history, and the limit of all history.
type keepJSON struct {
	Count      uint64 `json:"count"`
	Age        string `json:"age"`
	Bytes      uint64 `json:"bytes"`
	TotalBytes uint64 `json:"total_bytes"`
}

func newSettingsJSON(s dkron.Settings) settingsJSON {
	return settingsJSON{keepJSON{s.History.Count, s.History.Age.String(), s.History.Bytes, s.TotalBytes}}
}

func (a *api) getSettings(w http.ResponseWriter, r *http.Request) error {
	s, err := read(a, func(tx *state.Tx) (dkron.Settings, error) { return tx.Settings(), nil })
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newSettingsJSON(s))
}

// putSettings replaces all settings: those not sent get their defaults.
func (a *api) putSettings(w http.ResponseWriter, r *http.Request) error {
	object, err := readObject(r)
	if err != nil {
		return err
	}
	s, unknown, err := jobform.DecodeSettings(object)
	if err != nil {
		return unparsable(err)
	}
	respond.WarnUnknown(w, unknown)
	if _, err := request.Do(r.Context(), a.Controller, &request.Configure{Settings: s}); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newSettingsJSON(s))
}
