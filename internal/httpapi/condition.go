package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dkron/internal/history"
	"dkron/internal/index"
	"dkron/internal/jobform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// maxRecent is the most launches that an answer has of each job.
const maxRecent = 20

// parseRecent parses ?recent, the number of each job's newest launches in the answer; 0 is none.
func parseRecent(v url.Values) (int, error) {
	s := v.Get("recent")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxRecent {
		return 0, respond.Refuse(http.StatusBadRequest, "recent must be a number from 1 to %d, got %q", maxRecent, respond.Shorten(s))
	}
	return n, nil
}

// parseHealth parses the words of ?health, separated by commas.
func parseHealth(v url.Values) (set index.HealthSet, err error) {
	for _, words := range v["health"] {
		for word := range strings.SplitSeq(words, ",") {
			if word != "" && !set.Add(word) {
				return 0, respond.Refuse(http.StatusBadRequest, "health must be one or more of %s, got %q",
					strings.Join(index.HealthWords(), ", "), respond.Shorten(word))
			}
		}
	}
	return set, nil
}

// shownJob returns a job in the form that clients read, with its newest launches if recent is not 0; or ErrNotFound.
func (a *api) shownJob(tx *state.Tx, name string, recent int) (*jobform.Job, error) {
	record, err := history.Record(tx, name)
	if err != nil {
		return nil, err
	}
	out := a.jobJSON(record)
	if recent > 0 {
		launches, err := history.Recent(tx, record, recent)
		if err != nil {
			return nil, err
		}
		out.SetRecent(launches)
	}
	return out, nil
}
