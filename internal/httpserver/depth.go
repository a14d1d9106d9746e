package httpserver

import (
	"io"
	"net/http"

	"dkron/internal/respond"
)

// MaxDepth is how deep objects and arrays in a body may be nested. Nothing of the API needs more than a dozen levels, and each
// level costs who reads it much more than the byte that it costs who writes it.
const MaxDepth = 64

// ErrDeep is the error of reading a body that is nested too deeply, and its answer.
var ErrDeep = respond.Refuse(http.StatusBadRequest, "the body is nested deeper than %d levels of objects and arrays", MaxDepth)

// shallow counts, while it is read, how deep a JSON text is nested. For text that is no JSON it may count wrong.
type shallow struct {
	io.ReadCloser
	depth   int
	quoted  bool
	escaped bool // the next byte is part of an escape
	deep    bool // it was too deep
}

func (s *shallow) Read(p []byte) (int, error) {
	if s.deep {
		return 0, ErrDeep
	}
	n, err := s.ReadCloser.Read(p)
	for i, c := range p[:n] {
		if s.next(c); s.depth > MaxDepth {
			s.deep = true
			return i, ErrDeep
		}
	}
	return n, err
}

func (s *shallow) next(c byte) {
	switch {
	case s.escaped:
		s.escaped = false
	case s.quoted:
		s.escaped, s.quoted = c == '\\', c != '"'
	case c == '"':
		s.quoted = true
	case c == '{' || c == '[':
		s.depth++
	case c == '}' || c == ']':
		s.depth--
	}
}

// Shallow returns a JSON text that can be read only as far as it is not nested too deeply.
func Shallow(text io.ReadCloser) io.ReadCloser { return &shallow{ReadCloser: text} }

// LimitDepth does so with the body of a request. deep reports whether it was nested too deeply.
func LimitDepth(r *http.Request) (deep func() bool) {
	s := &shallow{ReadCloser: r.Body}
	r.Body = s
	return func() bool { return s.deep }
}
