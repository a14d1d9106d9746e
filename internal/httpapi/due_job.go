package httpapi

import (
	"net/http"
	"time"

	"dkron/internal/access"
	"dkron/internal/forecast"
	"dkron/internal/index"
	"dkron/internal/respond"
)

// Limits of the bands of all jobs.
const (
	defaultBands = 20_000
	maxBands     = 50_000
)

// dueJobsJSON is the due times of a period by job. Few sets of nodes are the targets of many jobs, so they are apart.
type dueJobsJSON struct {
	From      time.Time        `json:"from"`
	Until     time.Time        `json:"until"` // excluded
	Gap       int64            `json:"gap"`   // seconds
	Total     int              `json:"total"`
	Truncated bool             `json:"truncated"` // jobs are left out
	Targets   []dueTargetsJSON `json:"targets"`
	Jobs      []dueJobJSON     `json:"jobs"`
}

// dueTargetsJSON is as in dueJSON.
type dueTargetsJSON struct {
	Nodes []string `json:"nodes"`
	Count int      `json:"count"`
}

type dueJobJSON struct {
	Job         string     `json:"job"`
	DisplayName string     `json:"displayname"`
	Targets     int        `json:"targets"` // position in the list of targets
	Due         []bandJSON `json:"due"`
}

// bandJSON is a due time, or several: then with the last one, their number, and the seconds between two.
type bandJSON struct {
	At    time.Time  `json:"at"`
	Until *time.Time `json:"until,omitempty"`
	Count int        `json:"count,omitempty"`
	Every float64    `json:"every,omitempty"`
}

func newBandJSON(b forecast.Band) bandJSON {
	if b.Count == 1 {
		return bandJSON{At: b.From}
	}
	return bandJSON{b.From, &b.Until, b.Count, b.Every().Round(time.Second / 10).Seconds()}
}

// getDueJobs answers with the due times of each job, joined to bands as far as necessary.
func (a *api) getDueJobs(w http.ResponseWriter, r *http.Request) (err error) {
	v, q := r.URL.Query(), new(forecast.BandsQuery)
	now := a.now()
	if q.Selection, err = parseSelection(v, now); err != nil {
		return err
	}
	q.Filter.May = access.Sees(r.Context())
	if q.From, q.Until, err = parsePeriod(v, now); err != nil {
		return err
	}
	if q.Limit, err = parseLimit(v, defaultBands, maxBands); err != nil {
		return err
	}
	found := forecast.FindBands(a.Store.Index(), q, time.Now().Add(dueTime))
	out := dueJobsJSON{q.From, q.Until, int64(found.Gap / time.Second), found.Total, found.Truncated, []dueTargetsJSON{}, []dueJobJSON{}}
	targets, places := a.targeter(), make(map[index.Labels]int)
	for _, j := range found.Jobs {
		at, known := places[j.Job.Tags]
		if !known {
			at = len(out.Targets)
			places[j.Job.Tags] = at
			t := targets(j.Job.Tags)
			out.Targets = append(out.Targets, dueTargetsJSON{t.Nodes[:min(len(t.Nodes), maxDueNodes)], t.Count})
		}
		line := dueJobJSON{j.Job.Name, j.Job.DisplayName, at, make([]bandJSON, len(j.Bands))}
		for i, b := range j.Bands {
			line.Due[i] = newBandJSON(b)
		}
		out.Jobs = append(out.Jobs, line)
	}
	return respond.JSON(w, r, http.StatusOK, out)
}
