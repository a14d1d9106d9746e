package httpapi

import (
	"sync"

	"dkron"
	"dkron/cron"
)

// Schedules that are remembered with their words.
const (
	maxWorded   = 4096
	maxWordedIn = 128 // bytes; nobody gives many jobs a longer one
)

// wording puts schedules into words. It remembers them: many jobs of a list have the same.
type wording struct {
	mu    sync.Mutex        // guards words
	words map[string]string // by schedule
}

// of returns the words of a job's schedule; none if the job waits for others instead, or never had a schedule.
func (w *wording) of(j *dkron.Job) string {
	if j.Schedule == "" || j.Child() {
		return ""
	}
	if len(j.Schedule) > maxWordedIn {
		return cron.Describe(j.Schedule)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	words, ok := w.words[j.Schedule]
	if !ok {
		if w.words == nil || len(w.words) >= maxWorded {
			w.words = make(map[string]string)
		}
		words = cron.Describe(j.Schedule)
		w.words[j.Schedule] = words
	}
	return words
}
