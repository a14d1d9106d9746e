package httpapi

import (
	"net/http"

	"dkron/internal/access"
	"dkron/internal/feed"
)

const eventsPath = "/v1/events"

func (a *api) getEvents(w http.ResponseWriter, r *http.Request) error {
	f := feed.Feed{Log: a.Store.Events(), Streams: a.streams, Watcher: a.Watcher, Leader: a.leaderName, May: access.SeesJob(r.Context())}
	return f.Follow(w, r)
}

func (a *api) leaderName() string {
	m, ok := a.Cluster.Leader()
	if !ok {
		return ""
	}
	return m.Name
}
