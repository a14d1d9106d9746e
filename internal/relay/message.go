package relay

import (
	"net/http"

	"dkron/internal/codec"
)

// Field is one line of an HTTP header. A name may occur several times.
type Field struct {
	Name  string
	Value string
}

// Fields describes the wire form.
func (f *Field) Fields(w *codec.Wire) {
	w.String(1, &f.Name)
	w.String(2, &f.Value)
}

// Request is a request that an agent passes to a server.
type Request struct {
	Method string
	URI    string
	Header []Field
	Body   []byte
	Host   string
	Remote string // address of the client
}

// Fields describes the wire form.
func (r *Request) Fields(w *codec.Wire) {
	w.String(1, &r.Method)
	w.String(2, &r.URI)
	codec.List(w, 3, &r.Header)
	w.Bytes(4, &r.Body)
	w.String(5, &r.Host)
	w.String(6, &r.Remote)
}

// Part is a part of a server's answer. The first has the status and the header.
type Part struct {
	Status uint64
	Header []Field
	Body   []byte
	Flush  bool // the client must get it at once
}

// Fields describes the wire form.
func (p *Part) Fields(w *codec.Wire) {
	w.Uint(1, &p.Status)
	codec.List(w, 2, &p.Header)
	w.Bytes(3, &p.Body)
	w.Bool(4, &p.Flush)
}

// lines returns all lines of a header.
func lines(h http.Header) (out []Field) {
	for name, values := range h {
		for _, value := range values {
			out = append(out, Field{Name: name, Value: value})
		}
	}
	return out
}

// header is the reverse of lines.
func header(lines []Field) http.Header {
	h := make(http.Header, len(lines))
	for _, l := range lines {
		h.Add(l.Name, l.Value)
	}
	return h
}
