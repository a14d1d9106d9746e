package httpapi

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"

	"dkron/internal/state"
)

// told is the headers that say something which the body does not: an answer whose total has changed is another answer.
// X-Whom is not among them, as the answer is the same whoever gives it.
var told = []string{"Content-Type", "X-Total-Count", "X-Next-Cursor"}

// bodyTag is the strong entity tag of a whole answer.
func bodyTag(h http.Header, body []byte) string {
	sum := sha256.New()
	for _, name := range told {
		sum.Write([]byte(h.Get(name) + "\n"))
	}
	sum.Write(body)
	return `"` + encodeTag(sum.Sum(nil)) + `"`
}

// listTag is the weak entity tag of a list that is too long to be held whole. The list is a function of which jobs it
// names and of what the state says of them, so the tag is of both: the index of the newest log entry, read before the
// jobs are, and the names. Indexes are only comparable within one process, hence the nonce.
func (a *api) listTag(h http.Header, applied uint64, pretty bool, entries []*state.Entry) string {
	sum := sha256.New()
	sum.Write(a.nonce[:])
	sum.Write(binary.BigEndian.AppendUint64(nil, applied))
	for _, name := range told {
		sum.Write([]byte(h.Get(name) + "\n"))
	}
	sum.Write([]byte(strconv.FormatBool(pretty)))
	for _, e := range entries {
		sum.Write([]byte("\n" + e.Name))
	}
	return `W/"` + encodeTag(sum.Sum(nil)) + `"`
}

func encodeTag(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum[:15]) }

func newNonce() (n [8]byte) {
	_, _ = rand.Read(n[:]) // never fails
	return n
}

// unchanged puts the tag on an answer to a read. It answers 304 and returns true if the client has that answer already.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	h := w.Header()
	h.Set("Etag", tag)
	h.Set("Cache-Control", "no-cache") // keep it, but ask before it is used again
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

// matching returns the tag of an If-None-Match that stands for the same answer, as the client wrote it; "" if none does.
// Comparison is weak, and the suffix that compression puts on a tag does not count: to send nothing is right whichever
// form of the answer the client holds. "*" has any answer.
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

// opaque is what identifies an answer within a tag.
func opaque(tag string) string {
	tag = strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
	for _, coding := range codings {
		tag = strings.TrimSuffix(tag, "-"+coding)
	}
	return tag
}
