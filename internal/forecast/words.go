package forecast

import (
	"strings"
	"sync"

	"dkron"
	"dkron/cron"
)

// Limits of the cache of schedules in words.
const (
	maxWorded   = 4096
	maxWordedIn = 128 // bytes; longer schedules are rarely shared
)

// Wording puts schedules into words. It caches them: many jobs of a list share one. The zero value is ready.
type Wording struct {
	mu    sync.Mutex        // guards words
	words map[string]string // by schedule
}

// Of returns a job's schedule in words; none if the job has parents instead, or never had a schedule.
func (w *Wording) Of(j *dkron.Job) string {
	if j.Schedule == "" || j.Child() {
		return ""
	}
	words := w.ofSchedule(j)
	if words != "" && j.NeverOpen() && !strings.HasPrefix(words, never) {
		return never + "expires_at is before starts_at (" + strings.ToLower(words[:1]) + words[1:] + ")"
	}
	return words
}

// never begins the words of a schedule that never fires.
const never = "Never: "

func (w *Wording) ofSchedule(j *dkron.Job) string {
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
