package httpserver

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"dkron/internal/respond"
)

// written notes whether an answer has begun, and its status.
type written struct {
	http.ResponseWriter
	begun  bool
	status int // 0 before it has begun
}

func (w *written) WriteHeader(status int) {
	if !w.begun && status >= http.StatusOK {
		w.begun, w.status = true, status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *written) Write(p []byte) (int, error) {
	if !w.begun {
		w.begun, w.status = true, http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Flush is for the compressor, which knows only http.Flusher.
func (w *written) Flush() {
	w.begun = true
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// code returns the status of the answer; 200 if none was set, as the server sends.
func (w *written) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

func (w *written) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Recover limits a panic to its request.
func Recover(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w := &written{ResponseWriter: out}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // the value is the signal
				panic(cause)
			}
			logger.Error("request panicked", "method", r.Method, "path", r.URL.Path, "panic", cause, "stack", string(debug.Stack()))
			if w.begun {
				panic(http.ErrAbortHandler) // a partial answer must not look complete
			}
			respond.Text(w, http.StatusInternalServerError, respond.InternalText)
		}()
		next.ServeHTTP(w, r)
	})
}
