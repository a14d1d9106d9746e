package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

const (
	eventStream = "text/event-stream"

	beatEvery  = 15 * time.Second // a comment is sent when there was nothing else for so long
	eventTime  = 10 * time.Second // how long a client may take to accept an event
	maxStreams = 2000             // Config.MaxStreams if it is not set
)

// streaming returns which requests to a path are answered by a stream: it goes on for as long as client and server like.
// The path must be in routes too.
func (a *api) streaming(path string) func(*http.Request) bool {
	if streams := a.streams[path]; streams != nil {
		return streams
	}
	return func(*http.Request) bool { return false }
}

// event is one server-sent event. A client that comes back names the last id that it got.
type event struct {
	id   string // "" is none
	name string
	data []byte
}

// stream is an answer of server-sent events. One goroutine uses it: it sends what there is, then waits. A client that
// does not read is cut off; nobody else waits for it.
type stream struct {
	ctx    context.Context
	w      http.ResponseWriter
	rc     *http.ResponseController
	beat   *time.Timer
	limit  time.Duration // of one event
	cancel context.CancelFunc
	leave  func()
}

// openStream begins the answer. It lifts the server's limit for a whole answer; each event has one of its own. The
// caller must close the stream. One for a HEAD is over at once.
func (a *api) openStream(w http.ResponseWriter, r *http.Request) (*stream, error) {
	if err := a.hold(); err != nil {
		return nil, err
	}
	s := &stream{w: w, rc: http.NewResponseController(w), beat: time.NewTimer(beatEvery), limit: a.eventTime}
	s.ctx, s.cancel = context.WithCancel(r.Context())
	forget := context.AfterFunc(a.Ctx, s.cancel)
	s.leave = func() { forget(); a.open.Add(-1) }
	h := w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy must not gather what is sent
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		s.cancel()
	}
	_ = s.write([]byte(": open\n\n")) // wait tells if the client has gone
	return s, nil
}

// hold counts a request that keeps its connection for long; the caller takes it off a.open at its end. They may not be so
// many that nothing is left for requests that are answered at once.
func (a *api) hold() error {
	if a.open.Add(1) > int64(a.MaxStreams) {
		a.open.Add(-1)
		return refuse(http.StatusServiceUnavailable,
			"this server has %d open streams and requests that wait, which is its limit; try another server", a.MaxStreams)
	}
	return nil
}

// close lets go of the stream. The answer ends when the endpoint returns.
func (s *stream) close() {
	s.cancel()
	s.beat.Stop()
	s.leave()
}

// wait returns true when something has come through one of up to three channels, and false when the stream is over: the
// client has gone, or the server stops. In between it keeps the connection alive.
func (s *stream) wait(changed ...<-chan struct{}) bool {
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

// pause waits for a while, like wait.
func (s *stream) pause(d time.Duration) bool {
	over := make(chan struct{})
	defer time.AfterFunc(d, func() { close(over) }).Stop()
	return s.wait(over)
}

// send sends events, all at once. After an error the stream is over.
func (s *stream) send(list ...event) error {
	var b bytes.Buffer
	for _, e := range list {
		e.appendTo(&b)
	}
	if b.Len() == 0 {
		return s.ctx.Err()
	}
	return s.write(b.Bytes())
}

func (e *event) appendTo(b *bytes.Buffer) {
	if e.id != "" {
		b.WriteString("id: " + oneWord.Replace(e.id) + "\n")
	}
	if e.name != "" {
		b.WriteString("event: " + oneWord.Replace(e.name) + "\n")
	}
	data := strings.ReplaceAll(strings.ReplaceAll(string(e.data), "\r\n", "\n"), "\r", "\n") // each of them ends a line
	for line := range strings.SplitSeq(data, "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteByte('\n')
}

var oneWord = strings.NewReplacer("\r", "", "\n", "", "\x00", "")

// write sends bytes at once, within the time that the client has for them.
func (s *stream) write(p []byte) (err error) {
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

// deadline limits the next write; what can't be limited, such as a recorder, needs no limit.
func (s *stream) deadline(t time.Time) error {
	if err := s.rc.SetWriteDeadline(t); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// resumeFrom returns where a client wants to go on: behind the event that it got last, or where a parameter of the
// request says. A browser that comes back repeats the parameter, so the header counts first.
func resumeFrom(r *http.Request, parameter string) string {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return id
	}
	return r.URL.Query().Get(parameter)
}
