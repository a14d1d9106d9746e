package app

import (
	"encoding/json"
	"net/http"
)

// workerAPI is what an agent answers: what is about itself by itself, the rest by way of a server.
func (n *Node) workerAPI() http.Handler {
	metrics := n.metricsHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case read && r.URL.Path == "/health":
			n.workerHealth(w)
		case read && r.URL.Path == "/ready":
			n.workerReady(w)
		case read && r.URL.Path == "/metrics" && metrics != nil:
			metrics.ServeHTTP(w, r)
		default:
			n.forward(w, r)
		}
	})
}

// unready says why an agent gets no work, "" if it does.
func (n *Node) unready() string {
	if err := n.leave.err(); err != nil {
		return err.Error()
	}
	if !n.agent.Attached() {
		return "no leader has a connection to this node"
	}
	return ""
}

func (n *Node) workerHealth(w http.ResponseWriter) {
	answer := map[string]any{"leader": false, "ready": true, "status": "healthy"}
	if reason := n.unready(); reason != "" {
		answer["ready"], answer["reason"] = false, reason
	}
	if notices := n.notices(); len(notices) > 0 {
		answer["notices"] = notices
	}
	n.answer(w, http.StatusOK, answer)
}

func (n *Node) workerReady(w http.ResponseWriter) {
	if reason := n.unready(); reason != "" {
		n.answer(w, http.StatusServiceUnavailable, map[string]any{"ready": false, "reason": reason})
		return
	}
	n.answer(w, http.StatusOK, map[string]any{"ready": true})
}

func (n *Node) answer(w http.ResponseWriter, status int, body map[string]any) {
	text, err := json.Marshal(body)
	if err != nil {
		n.log.Error("could not encode the answer", "error", err)
		status, text = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that went away is nobody to answer to
}
