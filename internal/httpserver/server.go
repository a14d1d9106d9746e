package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
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

// endTime is how long Close lets requests continue.
const endTime = 2 * time.Second

// Server answers the clients of one port.
type Server struct {
	Addr net.Addr
	http *http.Server
}

// Open opens the port at addr and serves the handler there, with all limits set, by HTTPS if secure is not nil. failed gets
// the error that ends this before Close.
func Open(addr string, secure *tls.Config, handler http.Handler, guard *Guard, logger *slog.Logger, failed func(error)) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for HTTP: %w; choose another --http-addr", err)
	}
	s := &Server{l.Addr(), New(handler, guard, logger)}
	conns := guard.Listener(l)
	if secure != nil {
		conns = tls.NewListener(conns, secure)
	}
	go func() {
		if err := s.http.Serve(conns); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serve HTTP: %w", err))
		}
	}()
	return s, nil
}

// Close closes the port. Requests may continue for a short time. Before it, the caller ends streams, which would continue for
// as long as their clients like.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), endTime)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
}

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
	conn := r.Context().Value(connKey{})
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	c, _ := conn.(*limit.Conn)
	return c
}
