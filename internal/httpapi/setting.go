package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// settingsJSON is what all servers go by, with every default written out.
type settingsJSON struct {
	History keepJSON `json:"history"`
}

// keepJSON is how much history is kept of a job that does not say itself, and of all together.
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
	var s dkron.Settings
	err := a.Store.View(func(tx *state.Tx) error {
		s = tx.Settings()
		return nil
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newSettingsJSON(s))
}

// putSettings replaces all settings: one that is not sent gets its default.
func (a *api) putSettings(w http.ResponseWriter, r *http.Request) error {
	object, err := a.readObject(r)
	if err != nil {
		return err
	}
	s, unknown, err := decodeSettings(object)
	if err != nil {
		return unparsable(err)
	}
	warnUnknown(w, unknown)
	if _, err := request.Do(r.Context(), a.Controller, &request.Configure{Settings: s}); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newSettingsJSON(s))
}

func decodeSettings(object json.RawMessage) (dkron.Settings, []string, error) {
	s, b := dkron.DefaultSettings(), new(jobBody)
	var ignored bool
	err := eachField(object, func(key string, value json.RawMessage) error {
		if !strings.EqualFold(key, "history") {
			b.unknown = append(b.unknown, key)
			return nil
		}
		s = dkron.DefaultSettings()
		if string(value) == "null" {
			return nil
		}
		err := members(b, "history", value, map[string]setter{
			"count":       count(func(*jobBody) *uint64 { return &s.History.Count }),
			"age":         duration(func(*jobBody) *time.Duration { return &s.History.Age }, &ignored),
			"bytes":       count(func(*jobBody) *uint64 { return &s.History.Bytes }),
			"total_bytes": count(func(*jobBody) *uint64 { return &s.TotalBytes }),
		})
		if err != nil {
			return fmt.Errorf("history%w", err)
		}
		return nil
	})
	return s, b.unknown, err
}
