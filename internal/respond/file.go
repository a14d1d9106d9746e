package respond

import (
	"net/http"
	"strconv"
)

// Bytes answers with a body other than JSON, with its entity tag. coding is the body's compression, "" for none.
func Bytes(w http.ResponseWriter, r *http.Request, contentType, coding string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	if Unchanged(w, r, Tag(h, body)) {
		return
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}
