package httpapi

import (
	"net/http"

	"dkron/internal/respond"
)

// Status is what a server reports about itself. All values are strings.
type Status struct {
	Agent map[string]string `json:"agent"` // name and version, set here if missing
	Serf  map[string]string `json:"serf"`
	Tags  map[string]string `json:"tags"` // of this node
}

func (a *api) getStatus(w http.ResponseWriter, r *http.Request) error {
	s := a.Cluster.Status()
	if s.Agent == nil {
		s.Agent = map[string]string{"name": a.NodeName, "version": a.Version}
	}
	return respond.JSON(w, r, http.StatusOK, s)
}
