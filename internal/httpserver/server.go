package httpserver

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"dkron/internal/limit"
)

// Limits of a connection. A slow or silent client must not hold one for long.
const (
	headerTime     = 10 * time.Second
	readTime       = 30 * time.Second
	idleTime       = 120 * time.Second
	maxHeaderBytes = 64 << 10
)

// WriteTime limits the writing of an answer, unless the answer moves its own write deadline.
const WriteTime = 60 * time.Second

// New returns a server for the handler with all limits set. The caller serves the guard's listener, and shuts the
// server down.
func New(handler http.Handler, guard *Guard, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           guard.handler(handler),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      WriteTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug), // errors of clients
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
}

// connKey is the context key of a request's connection.
type connKey struct{}

// connOf returns the connection of a request, nil if it is not a guard's.
func connOf(r *http.Request) *limit.Conn {
	c, _ := r.Context().Value(connKey{}).(*limit.Conn)
	return c
}
