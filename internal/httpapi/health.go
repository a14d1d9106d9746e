package httpapi

import (
	"net/http"

	"dkron/internal/respond"
)

type healthJSON struct {
	Issues  []string `json:"issues,omitempty"`
	Notices []string `json:"notices,omitempty"` // what an operator should know, such as of a clock that jumped; does not change the status
	Leader  bool     `json:"leader"`            // whether this server leads
	Ready   bool     `json:"ready"`             // whether it has a leader and has caught up; does not change the status
	Reason  string   `json:"reason,omitempty"`  // why it is not ready
	Status  string   `json:"status"`
}

// getHealth answers whether this process works.
func (a *api) getHealth(w http.ResponseWriter, r *http.Request) error {
	return a.answerHealth(w, r, a.Cluster, a.Cluster.IsLeader())
}

func (a *api) answerHealth(w http.ResponseWriter, r *http.Request, node Node, leads bool) error {
	h := healthJSON{Leader: leads, Ready: true, Status: "healthy"}
	if err := node.Ready(); err != nil {
		h.Ready, h.Reason = false, err.Error()
	}
	if a.Issues != nil {
		h.Issues = a.Issues()
	}
	if a.Notices != nil {
		h.Notices = a.Notices()
	}
	status := http.StatusOK
	if len(h.Issues) > 0 {
		h.Status, status = "unhealthy", http.StatusServiceUnavailable
	}
	return respond.JSON(w, r, status, h)
}

type readyJSON struct {
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`
}

// getReady answers whether this server should get requests.
func (a *api) getReady(w http.ResponseWriter, r *http.Request) error {
	return a.answerReady(w, r, a.Cluster)
}

func (a *api) answerReady(w http.ResponseWriter, r *http.Request, node Node) error {
	if err := node.Ready(); err != nil {
		return respond.JSON(w, r, http.StatusServiceUnavailable, readyJSON{Reason: err.Error()})
	}
	return respond.JSON(w, r, http.StatusOK, readyJSON{Ready: true})
}
