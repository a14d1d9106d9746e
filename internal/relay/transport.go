package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// transport is an http.RoundTripper to the cluster's servers.
type transport struct{ Config }

// RoundTrip tries the servers in order. Only a read is tried on more than one.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		defer r.Body.Close()
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, unreadable(err)
		}
	}
	if len(r.Header["User-Agent"]) == 1 && r.Header["User-Agent"][0] == "" {
		r.Header.Del("User-Agent") // the proxy's mark that the client sent none
	}
	req := &Request{
		Method: r.Method, URI: r.URL.RequestURI(), Header: lines(r.Header), Body: body, Host: r.Host, Remote: r.RemoteAddr,
	}
	ctx, cancel := context.WithCancel(r.Context())
	for _, server := range t.Servers.Names() {
		resp, err := t.ask(ctx, cancel, server, req)
		if err == nil {
			resp.Request = r
			return resp, nil
		}
		if ctx.Err() != nil {
			break
		}
		t.Logger.Warn("a server did not accept a request", "server", server, "error", err)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			cancel()
			return nil, fmt.Errorf("%w: %w", errUnknown, err)
		}
	}
	cancel()
	return nil, errNobody
}

// unreadable returns why a body can't be passed on.
func unreadable(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return large
	}
	return errBody
}

// ask returns a server's answer once its header has arrived. cancel ends the server's work; the answer's Close calls
// it.
func (t *transport) ask(ctx context.Context, cancel context.CancelFunc, server string, req *Request) (*http.Response, error) {
	answer, err := t.Servers.Send(ctx, server, req)
	if err != nil {
		return nil, err
	}
	first, err := answer.Recv()
	if errors.Is(err, io.EOF) {
		err = errors.New("it sent no answer")
	}
	if err != nil {
		return nil, err
	}
	resp := &http.Response{
		StatusCode: int(first.Status), ProtoMajor: 1, ProtoMinor: 1, Header: header(first.Header), ContentLength: -1,
	}
	b := &body{answer: answer, part: first.Body, cancel: cancel}
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media == "text/event-stream" {
		b.stopped = t.Streams
		b.release = context.AfterFunc(t.Streams, cancel)
	} else if length, err := strconv.ParseInt(resp.Header.Get("Content-Length"), 10, 64); err == nil {
		resp.ContentLength = length
	} else if !first.Flush {
		resp.ContentLength = b.whole()
	}
	resp.Body = b
	return resp, nil
}

// body is the body of an answer as it arrives.
type body struct {
	answer  Answer
	part    []byte
	err     error           // after part
	stopped context.Context // for an event stream: this node stops
	release func() bool
	cancel  context.CancelFunc
}

// whole returns the length of a body that has arrived completely, else -1, so that it is passed on as it arrives.
func (b *body) whole() int64 {
	length := int64(len(b.part))
	if length >= maxPart {
		return -1
	}
	next, err := b.answer.Recv()
	if errors.Is(err, io.EOF) {
		b.err = io.EOF
		return length
	}
	if err != nil {
		b.err = err
	} else {
		b.part = append(b.part, next.Body...)
	}
	return -1
}

func (b *body) Read(p []byte) (int, error) {
	for len(b.part) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		part, err := b.answer.Recv()
		switch {
		case err == nil:
			b.part = part.Body
			continue
		case b.stopped != nil && b.stopped.Err() != nil:
			err = io.EOF // a stream ends like a complete answer when this node stops
		}
		b.err = err
	}
	n := copy(p, b.part)
	b.part = b.part[n:]
	return n, nil
}

func (b *body) Close() error {
	if b.release != nil {
		b.release()
	}
	b.cancel()
	return nil
}
