package httpapi

import (
	"net/http"
	"os"
	"runtime"
	"time"

	"dkron/internal/index"
	"dkron/internal/respond"
)

// varsJSON replaces the answer of package expvar, which is not used: its command line would show secrets that were
// given as flags.
type varsJSON struct {
	Cmdline          []string          `json:"cmdline"` // the program only
	CronEntries      map[string]string `json:"cron_entries"`
	Memstats         *runtime.MemStats `json:"memstats"`
	Node             string            `json:"node"`
	SchedulerStarted int               `json:"scheduler_started"`
}

func (a *api) getVars(w http.ResponseWriter, r *http.Request) error {
	v := varsJSON{Cmdline: os.Args[:min(len(os.Args), 1)], CronEntries: map[string]string{}, Node: a.NodeName}
	v.Memstats = new(runtime.MemStats)
	runtime.ReadMemStats(v.Memstats)
	if a.Cluster.IsLeader() {
		v.SchedulerStarted = 1
		a.Store.Index().Each(func(e *index.Entry) bool {
			if due := respond.UTC(e.Due()); !due.IsZero() {
				v.CronEntries[e.Name] = e.Schedule + ", next " + due.Format(time.RFC3339)
			}
			return true
		})
	}
	return respond.JSON(w, r, http.StatusOK, v)
}

func (a *api) getMetrics(w http.ResponseWriter, r *http.Request) error {
	a.Metrics.ServeHTTP(w, r)
	return nil
}
