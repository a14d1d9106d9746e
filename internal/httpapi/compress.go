package httpapi

import (
	"mime"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// minCompressed is how long a body must be to be compressed. A shorter one fits into a packet as it is.
const minCompressed = 1024

// codings are the forms that a body may be sent in. Their names are put behind its entity tag, since a strong tag stands
// for the very bytes.
var codings = []string{"gzip", "zstd"}

// newCompressor returns what compresses answers for clients that accept it. Answers to HEAD are those of the plain form.
func newCompressor() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(minCompressed),
		gzhttp.SuffixETag("-gzip"), // it makes "-zstd" of it where that is what is sent
		gzhttp.ContentTypeFilter(compressible))
	if err != nil {
		panic(err) // only for wrong options
	}
	return wrap
}

// compressible leaves out what is compressed already, and streams, whose events must not wait for each other.
func compressible(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media != eventStream && gzhttp.DefaultContentTypeFilter(media)
}

// compressed compresses the answers of a route but for those that are streams.
func (a *api) compressed(rt route, next http.Handler) http.Handler {
	if rt.bare {
		return next
	}
	streams, small := a.streaming(rt.path), a.compress(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if streams(r) {
			next.ServeHTTP(w, r)
			return
		}
		small.ServeHTTP(w, r)
	})
}
