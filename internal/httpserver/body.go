package httpserver

import (
	"net/http"

	"dkron/internal/respond"
)

// LargestBody is the largest body that any endpoint reads, in bytes: a restore of all jobs.
const LargestBody = 64 << 20

// LimitBody refuses a body that declares to be too large before a byte of it is read, and stops one that does not.
func LimitBody(w http.ResponseWriter, r *http.Request, limit int64) error {
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return TooLarge(limit)
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return nil
}

// TooLarge returns the refusal of a body that is larger than the limit.
func TooLarge(limit int64) error {
	return respond.Refuse(http.StatusRequestEntityTooLarge, "the body must not be larger than %d bytes", limit)
}
