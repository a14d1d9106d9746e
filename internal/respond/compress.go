package respond

import (
	"mime"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// minCompressed is how long a body must be to be compressed. A shorter one fits into a packet as it is.
const minCompressed = 1024

// codings are the forms that a body may be sent in. Compression appends their names to its entity tag, since a strong
// tag identifies the very bytes.
var codings = []string{"gzip", "zstd"}

// NewCompressor returns a middleware that compresses answers for clients that accept it. Answers to HEAD are those of the
// plain form.
func NewCompressor() func(http.Handler) http.HandlerFunc {
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
	return err == nil && media != EventStream && gzhttp.DefaultContentTypeFilter(media)
}
