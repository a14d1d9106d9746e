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
	beatEvery = 15 * time.Second // after this much silence the client gets a comment
	eventTime = 10 * time.Second // limit for a client to accept an event
)

// Streams is the event streams of one HTTP face, and its other long requests.
type Streams struct {
	ctx  context.Context
	max  int
	time time.Duration // limit for a client to accept an event
	open atomic.Int64
}

// NewStreams returns an empty set with a limit of n. The end of ctx ends all streams.
func NewStreams(ctx context.Context, n int) *Streams {
	return &Streams{ctx: ctx, max: n, time: eventTime}
}

// Hold counts a long request until the caller calls release. It refuses the request if there are too many, so that
// connections are left for short requests.
func (s *Streams) Hold() (release func(), err error) {
	if s.open.Add(1) > int64(s.max) {
		s.open.Add(-1)
		return nil, Refuse(http.StatusServiceUnavailable,
			"this server has %d open streams and requests that wait, which is its limit; try another server", s.max)
	}
	return func() { s.open.Add(-1) }, nil
}

// Open returns the number of held requests.
func (s *Streams) Open() int { return int(s.open.Load()) }

// Event is one server-sent event. A client that reconnects sends the last id that it got.
type Event struct {
	ID   string // "": none
	Name string
	Data []byte
}

// Stream is an answer of server-sent events, for one goroutine. It sends what there is, then waits. A client that does
// not read is disconnected and delays nobody.
type Stream struct {
	ctx    context.Context
	w      http.ResponseWriter
	rc     *http.ResponseController
	beat   *time.Timer
	limit  time.Duration // for one event
	cancel context.CancelFunc
	leave  func()
}

// Begin begins the answer. It replaces the server's limit for a whole answer by one for each event. The caller must
// close the stream. A stream for HEAD ends at once.
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
	h.Set("X-Accel-Buffering", "no") // a proxy must not buffer it
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		out.cancel()
	}
	_ = out.write([]byte(": open\n\n")) // Wait reports false if the client has disconnected
	return out, nil
}

// Context ends with the stream.
func (s *Stream) Context() context.Context { return s.ctx }

// Close releases the stream. The answer ends when the endpoint returns.
func (s *Stream) Close() {
	s.cancel()
	s.beat.Stop()
	s.leave()
}

// Wait returns true once one of up to three channels has a value, and false when the stream ends: the client has
// disconnected, or the server stops. Meanwhile it keeps the connection alive.
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

// Pause waits for d; its result is that of Wait.
func (s *Stream) Pause(d time.Duration) bool {
	over := make(chan struct{})
	defer time.AfterFunc(d, func() { close(over) }).Stop()
	return s.Wait(over)
}

// Send sends events together. After an error the stream is over.
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

// Mark sends an id without an event, from which the client can resume.
func (s *Stream) Mark(id string) error { return s.write([]byte("id: " + oneWord.Replace(id) + "\n\n")) }

// write sends bytes at once, within the client's time limit.
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

// deadline limits the next write. A writer without deadlines, such as a recorder, needs none.
func (s *Stream) deadline(t time.Time) error {
	if err := s.rc.SetWriteDeadline(t); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// ResumeFrom returns where a client wants to resume: after its last event, or at a parameter of the request. A browser
// that reconnects repeats the parameter, so the header takes precedence.
func ResumeFrom(r *http.Request, parameter string) string {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return id
	}
	return r.URL.Query().Get(parameter)
}
