package respond

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// EventStream is the content type of an event stream.
const EventStream = "text/event-stream"

const (
	beatEvery = 15 * time.Second // after a silence of this length the client gets a comment
	eventTime = 10 * time.Second // how long a client may take to accept an event
)

// Streams is the event streams of one HTTP face, and its other requests that keep their connection for long.
type Streams struct {
	ctx  context.Context
	max  int
	time time.Duration // how long a client may take to accept an event
	open atomic.Int64
}

// NewStreams returns a set of at most n. The end of ctx ends all streams.
func NewStreams(ctx context.Context, n int) *Streams {
	return &Streams{ctx: ctx, max: n, time: eventTime}
}

// Hold counts a request that keeps its connection for long, until the caller calls release. It refuses the request if
// there are too many, so that connections are left for requests that are answered at once.
func (s *Streams) Hold() (release func(), err error) {
	if s.open.Add(1) > int64(s.max) {
		s.open.Add(-1)
		return nil, Refuse(http.StatusServiceUnavailable,
			"this server has %d open streams and requests that wait, which is its limit; try another server", s.max)
	}
	return func() { s.open.Add(-1) }, nil
}

// Open returns how many requests are held.
func (s *Streams) Open() int { return int(s.open.Load()) }

// Event is one server-sent event. A client that comes back names the last id that it got.
type Event struct {
	ID   string // "" is none
	Name string
	Data []byte
}

// Stream is an answer of server-sent events. One goroutine uses it: it sends what there is, then waits. A client that
// does not read is cut off; nobody else waits for it.
type Stream struct {
	ctx    context.Context
	w      http.ResponseWriter
	rc     *http.ResponseController
	beat   *time.Timer
	limit  time.Duration // of one event
	cancel context.CancelFunc
	leave  func()
}

// Begin begins the answer. It lifts the server's limit for a whole answer; each event has one of its own. The caller must
// close the stream. One for a HEAD is over at once.
func (s *Streams) Begin(w http.ResponseWriter, r *http.Request) (*Stream, error) {
	release, err := s.Hold()
	if err != nil {
		return nil, err
	}
	out := &Stream{w: w, rc: http.NewResponseController(w), beat: time.NewTimer(beatEvery), limit: s.time}
	out.ctx, out.cancel = context.WithCancel(r.Context())
	forget := context.AfterFunc(s.ctx, out.cancel)
	out.leave = func() { forget(); release() }
	h := w.Header()
	h.Set("Content-Type", EventStream)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy must not gather what is sent
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		out.cancel()
	}
	_ = out.write([]byte(": open\n\n")) // Wait reports false if the client has gone
	return out, nil
}

// Context ends with the stream.
func (s *Stream) Context() context.Context { return s.ctx }

// Close lets go of the stream. The answer ends when the endpoint returns.
func (s *Stream) Close() {
	s.cancel()
	s.beat.Stop()
	s.leave()
}

// Wait returns true when something has come through one of up to three channels, and false when the stream is over: the
// client has gone, or the server stops. In between it keeps the connection alive.
func (s *Stream) Wait(changed ...<-chan struct{}) bool {
	var from [3]<-chan struct{}
	copy(from[:], changed)
	for s.ctx.Err() == nil {
		select {
		case <-from[0]:
			return s.ctx.Err() == nil
		case <-from[1]:
			return s.ctx.Err() == nil
		case <-from[2]:
			return s.ctx.Err() == nil
		case <-s.beat.C:
			_ = s.write([]byte(": beat\n\n"))
		case <-s.ctx.Done():
		}
	}
	return false
}

// Pause waits for a while, like Wait.
func (s *Stream) Pause(d time.Duration) bool {
	over := make(chan struct{})
	defer time.AfterFunc(d, func() { close(over) }).Stop()
	return s.Wait(over)
}

// Send sends events, all at once. After an error the stream is over.
func (s *Stream) Send(list ...Event) error {
	var b bytes.Buffer
	for _, e := range list {
		e.appendTo(&b)
	}
	if b.Len() == 0 {
		return s.ctx.Err()
	}
	return s.write(b.Bytes())
}

func (e *Event) appendTo(b *bytes.Buffer) {
	if e.ID != "" {
		b.WriteString("id: " + oneWord.Replace(e.ID) + "\n")
	}
	if e.Name != "" {
		b.WriteString("event: " + oneWord.Replace(e.Name) + "\n")
	}
	data := strings.ReplaceAll(strings.ReplaceAll(string(e.Data), "\r\n", "\n"), "\r", "\n") // each of them ends a line
	for line := range strings.SplitSeq(data, "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteByte('\n')
}

var oneWord = strings.NewReplacer("\r", "", "\n", "", "\x00", "")

// Mark sends an id without an event, so that the client can resume from there.
func (s *Stream) Mark(id string) error { return s.write([]byte("id: " + oneWord.Replace(id) + "\n\n")) }

// write sends bytes at once, within the time that the client has for them.
func (s *Stream) write(p []byte) (err error) {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			s.cancel()
		}
	}()
	s.beat.Reset(beatEvery)
	if err := s.deadline(time.Now().Add(s.limit)); err != nil {
		return err
	}
	if _, err := s.w.Write(p); err != nil {
		return err
	}
	if err := s.rc.Flush(); err != nil {
		return err
	}
	return s.deadline(time.Time{})
}

// deadline limits the next write. A writer that has no deadlines, such as a recorder, needs none.
func (s *Stream) deadline(t time.Time) error {
	if err := s.rc.SetWriteDeadline(t); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// ResumeFrom returns where a client wants to go on: after the event that it got last, or where a parameter of the request
// says. A browser that comes back repeats the parameter, so the header counts first.
func ResumeFrom(r *http.Request, parameter string) string {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return id
	}
	return r.URL.Query().Get(parameter)
}
