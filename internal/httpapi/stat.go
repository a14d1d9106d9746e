package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"dkron/internal/respond"
	"dkron/internal/state"
)

// Limits of the days of statistics.
const (
	defaultDays = 30
	maxDays     = 365
)

type statJSON struct {
	Date         string `json:"date"`
	SuccessCount uint64 `json:"success_count"`
	FailedCount  uint64 `json:"failed_count"`
	StoppedCount uint64 `json:"stopped_count"` // part of failed_count
}

type statsJSON struct {
	Stats  []statJSON     `json:"stats"`
	Health map[string]int `json:"health"` // how many jobs have each word
}

func (a *api) getStats(w http.ResponseWriter, r *http.Request) error {
	days, err := strconv.Atoi(r.URL.Query().Get("days"))
	if err != nil || days <= 0 {
		days = defaultDays
	}
	days = min(days, maxDays)
	now := a.now()
	today := now.UTC().Truncate(24 * time.Hour)
	list := make([]statJSON, 0, days)
	err = a.Store.View(func(tx *state.Tx) error {
		stats, err := tx.Stats(today.AddDate(0, 0, 1-days), today)
		for _, s := range stats {
			list = append(list, statJSON{s.Day + "T00:00:00Z", s.Successes, s.Failures, s.Stopped})
		}
		return err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, statsJSON{list, a.Store.Index().Healths(now)})
}
