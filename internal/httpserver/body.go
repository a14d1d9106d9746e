package httpserver

import (
	"net/http"

	"dkron/internal/respond"
)

// LargestBody is the largest body of any endpoint, in bytes: a restore of all jobs.
const LargestBody = 64 << 20

// LimitBody refuses a body whose declared length is too large before reading it, and cuts off one that declares none.
func LimitBody(w http.ResponseWriter, r *http.Request, limit int64) error {
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return TooLarge(limit)
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return nil
}

// TooLarge returns the error for a body larger than the limit.
func TooLarge(limit int64) error {
	return respond.Refuse(http.StatusRequestEntityTooLarge, "the body must not be larger than %d bytes", limit)
}
