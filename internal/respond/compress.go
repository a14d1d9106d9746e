package respond

import (
	"mime"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// minCompressed is the shortest body that is compressed. A shorter one fits into a packet uncompressed.
const minCompressed = 1024

// codings are the possible encodings of a body. Compression appends their names to its entity tag, since a strong tag
// identifies the exact bytes.
var codings = []string{"gzip", "zstd"}

// NewCompressor returns a middleware that compresses answers for clients that accept it. Answers to HEAD describe the
// plain form.
func NewCompressor() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(minCompressed),
		gzhttp.SuffixETag("-gzip"), // becomes "-zstd" where that is sent
		gzhttp.ContentTypeFilter(compressible))
	if err != nil {
		panic(err) // only for invalid options
	}
	return wrap
}

// compressible excludes what is already compressed, and streams, whose events must not be delayed.
func compressible(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media != EventStream && gzhttp.DefaultContentTypeFilter(media)
}
