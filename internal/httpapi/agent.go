package httpapi

import (
	"context"
	"log/slog"
	"net/http"

	"dkron/internal/httpserver"
	"dkron/internal/respond"
)

// NewAgent returns the handler of an agent: it answers requests about the node itself and passes all others to next,
// which asks servers. Of cfg it uses NodeName, Logger, MaxBody, AllowedOrigins, Notices and Metrics.
func NewAgent(cfg Config, node Node, next http.Handler) http.Handler {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	a := &api{Config: cfg, origins: cfg.AllowedOrigins, streams: respond.NewStreams(context.Background(), maxStreams)}
	mux := http.NewServeMux()
	mux.Handle("/v1/leave", a.serve(route{"/v1/leave", map[string]endpoint{
		"POST": func(w http.ResponseWriter, r *http.Request) error { return leave(node, w, r) },
	}, false}))
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, r *http.Request) { _ = a.answerReady(w, r, node) })
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) { _ = a.answerHealth(w, r, node, false) })
	if a.Metrics != nil {
		mux.Handle("GET /metrics", a.Metrics)
	}
	mux.Handle("/", next)
	return httpserver.Recover(a.Logger, httpserver.OnlyClean(mux))
}
