package trace

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"dkron/internal/request"
)

// acting is the span of the request to the API that is being answered.
type acting struct {
	self  Context
	links []Context
}

type actingKey struct{}

// Handler has a span for each request to the API. The page, metrics and health checks have none: they would hide the rest.
func (t *Tracer) Handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; !strings.HasPrefix(path, "/v1") || strings.HasSuffix(path, "/events") {
			next.ServeHTTP(w, r)
			return
		}
		caller, ok := parse(r.Header.Get("Traceparent"))
		a := &acting{self: caller}
		if !ok {
			_, _ = rand.Read(a.self.Trace[:])
			a.self.Sampled = t.to.sampler.samples(a.self.Trace)
			caller = Context{}
		} else if t.to.sampler == 0 {
			a.self.Sampled = false
		}
		_, _ = rand.Read(a.self.Span[:])
		began := time.Now()
		noted := &noting{ResponseWriter: w, code: http.StatusOK}
		r = r.WithContext(context.WithValue(r.Context(), actingKey{}, a))
		next.ServeHTTP(noted, r)
		t.answered(a, caller.Span, r, noted.code, began)
	})
}

func (t *Tracer) answered(a *acting, parent [8]byte, r *http.Request, code int, began time.Time) {
	route := r.Pattern[strings.LastIndexByte(r.Pattern, ' ')+1:] // a pattern may begin with its method
	name := r.Method
	attrs := []attribute{text("http.request.method", r.Method), text("url.path", r.URL.Path), number("http.response.status_code", int64(code))}
	if route != "" {
		name += " " + route
		attrs = append(attrs, text("http.route", route))
	}
	t.add(&span{
		self: a.self, parent: parent, name: name, kind: server, start: began, end: time.Now(), attrs: attrs, links: a.links,
		failed: code >= http.StatusInternalServerError, reason: http.StatusText(code),
	})
}

// noting knows the status of an answer.
type noting struct {
	http.ResponseWriter
	code int
}

// WriteHeader notes the status.
func (n *noting) WriteHeader(code int) {
	if code >= http.StatusOK {
		n.code = code
	}
	n.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// Doer has a span for each request to the leader, within that of the request to the API. That one gets a link to the
// trace of the launch that came of it.
func (t *Tracer) Doer(next request.Doer) request.Doer {
	if t == nil {
		return next
	}
	return doer{t, next}
}

type doer struct {
	tracer *Tracer
	next   request.Doer
}

// Do passes the request on.
func (d doer) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	a, ok := ctx.Value(actingKey{}).(*acting)
	if !ok {
		return d.next.Do(ctx, r)
	}
	s := &span{self: a.self, parent: a.self.Span, name: "dkron " + r.Name(), kind: internal, start: time.Now()}
	_, _ = rand.Read(s.self.Span[:])
	reply, index, err := d.next.Do(ctx, r)
	s.end, s.failed = time.Now(), err != nil
	if launched, ok := reply.(*request.Launched); ok && err == nil {
		link := launchContext(d.tracer.Cluster(), launched.Launch.ID())
		s.links, a.links = []Context{link}, append(a.links, link)
	}
	d.tracer.add(s)
	return reply, index, err
}
