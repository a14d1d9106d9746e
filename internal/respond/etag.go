package respond

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
)

// tagged is the headers that carry data beyond the body: a changed total changes the answer. X-Whom is excluded, as all
// servers give the same answer.
var tagged = []string{"Content-Type", "X-Total-Count", "X-Next-Cursor"}

// Tag returns the strong entity tag of a whole answer, made of its body and of the headers that are set.
func Tag(h http.Header, body []byte) string {
	return `"` + tagOf(h, func(sum io.Writer) { _, _ = sum.Write(body) }) + `"`
}

// WeakTag returns the entity tag of an answer that is too long to hold in memory. What source writes must change with
// the answer.
func WeakTag(h http.Header, source func(io.Writer)) string { return `W/"` + tagOf(h, source) + `"` }

func tagOf(h http.Header, source func(io.Writer)) string {
	sum := sha256.New()
	for _, name := range tagged {
		_, _ = io.WriteString(sum, h.Get(name)+"\n")
	}
	source(sum)
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:15])
}

// Unchanged sets the tag of an answer to a read. It answers 304 and returns true if the client has that answer already.
func Unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	h := w.Header()
	h.Set("Etag", tag)
	h.Set("Cache-Control", "no-cache") // keep it, but revalidate before use
	had := matching(strings.Join(r.Header.Values("If-None-Match"), ","), tag)
	if had == "" {
		return false
	}
	h.Set("Etag", had)
	h.Del("Content-Type")
	h.Del("Content-Length")
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matching returns the tag of an If-None-Match that identifies the same answer, as the client wrote it; "" if none
// does. It compares weakly and ignores the suffix of compression: whichever form the client holds, it needs nothing.
// http.ServeContent can't do that. "*" matches any answer.
func matching(list, tag string) string {
	want := opaque(tag)
	for {
		list = strings.TrimLeft(list, " \t,")
		if list == "" {
			return ""
		}
		if list[0] == '*' {
			return tag
		}
		rest := strings.TrimPrefix(list, "W/")
		if rest == "" || rest[0] != '"' {
			return "" // not a list of tags
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return ""
		}
		one := list[:len(list)-len(rest)+end+2]
		if opaque(one) == want {
			return one
		}
		list = rest[end+2:]
	}
}

// opaque is the part of a tag that identifies the answer.
func opaque(tag string) string {
	tag = strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
	for _, coding := range codings {
		tag = strings.TrimSuffix(tag, "-"+coding)
	}
	return tag
}
