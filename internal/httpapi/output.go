package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dkron"
	"dkron/internal/history"
	"dkron/internal/respond"
	"dkron/internal/state"
)

const (
	outputPath = "/v1/jobs/{job}/executions/{id}/output"

	// pollEvery is the interval of asking for followed output. Nodes send theirs about as often.
	pollEvery    = 200 * time.Millisecond
	maxFollowers = 500
	maxPiece     = 64 << 10 // bytes of output in one event
)

// getOutput answers with an execution's output as text, or as a stream if the client wants one.
func (a *api) getOutput(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	from := a.Store.Events().Last()
	e, err := a.execution(r.PathValue("job"), r.PathValue("id"))
	if err == nil && !history.Begun(e, a.now()) {
		err = dkron.ErrNotFound
	}
	if err != nil {
		return err
	}
	if follows(r) {
		return a.followOutput(w, r, e, from)
	}
	a.addLive(r.Context(), []*dkron.Execution{e})
	w.Header().Set("X-Output-Size", strconv.FormatUint(e.OutputSize, 10))
	w.Header().Set("X-Execution-State", history.StateOf(e))
	text := outputText(e)
	if v := r.URL.Query(); v.Has("download") {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": logName(e)}))
		if v.Get("download") != "raw" {
			text = dkron.PlainText(text)
		}
	}
	respond.Bytes(w, r, "text/plain; charset=utf-8", "", []byte(string([]rune(string(text))))) // bytes that are not UTF-8 come out as in JSON
	return nil
}

// logName returns the name of a file with an execution's output: job, launch, node and attempt.
func logName(e *dkron.Execution) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-", c) {
			return c
		}
		return '_'
	}, fmt.Sprintf("%s-%d-%s-%d.log", e.JobName, e.Group, e.NodeName, e.Attempt))
}

// follows reports whether a request for output wants it as a stream.
func follows(r *http.Request) bool {
	if asks(r.URL.Query(), "follow") {
		return true
	}
	for _, accept := range r.Header.Values("Accept") {
		for one := range strings.SplitSeq(accept, ",") {
			if media, _, err := mime.ParseMediaType(one); err == nil && media == respond.EventStream {
				return true
			}
		}
	}
	return false
}

// followOutput sends an execution's output as it is written, until it has ended. The client gets all that is kept in
// the end, and may get output that is not kept. Events after the position report the end.
func (a *api) followOutput(w http.ResponseWriter, r *http.Request, e *dkron.Execution, from state.Position) error {
	f := &follower{api: a}
	if from := respond.ResumeFrom(r, "offset"); from != "" {
		var err error
		if f.at, err = strconv.ParseUint(from, 10, 63); err != nil {
			return respond.Refuse(http.StatusBadRequest, "offset must be a number of bytes, 0 or more, not %q", respond.Shorten(from))
		}
	}
	if a.followers.Add(1) > maxFollowers {
		a.followers.Add(-1)
		return respond.Refuse(http.StatusServiceUnavailable,
			"this server has %d followers of output, which is its limit; try another server", maxFollowers)
	}
	defer a.followers.Add(-1)
	var err error
	if f.stream, err = a.streams.Begin(w, r); err != nil {
		return err
	}
	defer f.stream.Close()
	for e.FinishedAt.IsZero() {
		if f.live(e) != nil || !f.stream.Pause(pollEvery) {
			return nil
		}
		next, err := a.again(e)
		if errors.Is(err, dkron.ErrNotFound) { // removed with its job, or its history was cleared
			e = a.asReported(e, from, f.at)
			break
		}
		if err != nil {
			a.Logger.Error("following an output ended early", "job", e.JobName, "execution", e.ID(), "error", err)
			return nil
		}
		e = next
	}
	f.end(e)
	return nil
}

// again reads an execution again, from the running ones or the history.
func (a *api) again(e *dkron.Execution) (now *dkron.Execution, err error) {
	err = a.Store.View(func(tx *state.Tx) error {
		now, err = tx.Execution(e.Key)
		return err
	})
	if err == nil && now.Group == e.Group && now.Attempt == e.Attempt {
		return now, nil
	}
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return nil, err
	}
	return a.execution(e.JobName, e.ID())
}

// asReported returns an execution that is in no history with the end that its event reported, if that is still held.
func (a *api) asReported(e *dkron.Execution, from state.Position, written uint64) *dkron.Execution {
	list, _, _ := a.Store.Events().After(from, math.MaxInt)
	for i := range list {
		if list[i].Type == state.ExecutionEnded && list[i].Job == e.JobName && list[i].ExecutionID == e.ID() {
			end := *e
			end.Outcome, end.FinishedAt, end.OutputSize = list[i].Outcome, a.now().UTC(), max(e.OutputSize, written)
			return &end
		}
	}
	return e
}

// follower sends the output of an execution to one client.
type follower struct {
	api    *api
	stream *respond.Stream
	at     uint64 // bytes of the output that were sent or skipped
}

// live sends what the leader holds beyond what was sent. That is nothing without a leader, or before a new one holds
// it.
func (f *follower) live(e *dkron.Execution) error {
	if f.api.Live == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(f.stream.Context(), liveTime)
	defer cancel()
	for _, c := range f.api.Live.Output(ctx, []dkron.ExecutionKey{e.Key}, []uint64{f.at}) {
		if c.Key != e.Key {
			continue
		}
		if err := f.send(c.Offset, c.Data, false); err != nil {
			return err
		}
	}
	return nil
}

// end sends the kept output beyond what was sent, and how the execution ended.
func (f *follower) end(e *dkron.Execution) {
	head, tail := e.Parts()
	if f.send(0, head, true) != nil || f.send(e.OutputSize-uint64(len(tail)), tail, true) != nil {
		return
	}
	out := newExecutionJSON(e)
	out.Output = ""
	if data, err := json.Marshal(out); err == nil {
		_ = f.stream.Send(respond.Event{Name: "end", Data: data})
	}
}

type gapJSON struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// send sends a part of the output that begins at an offset, without what was sent before. It holds back an incomplete
// character, unless the part is the last.
func (f *follower) send(offset uint64, data []byte, last bool) error {
	if end := offset + uint64(len(data)); end <= f.at {
		return nil
	}
	if offset > f.at {
		for i := 0; i < utf8.UTFMax-1 && len(data) > 1 && !utf8.RuneStart(data[0]); i++ {
			offset, data = offset+1, data[1:]
		}
		gap, err := json.Marshal(gapJSON{f.at, offset})
		if err != nil {
			return err
		}
		f.at = offset
		if err := f.stream.Send(respond.Event{ID: f.id(), Name: "gap", Data: gap}); err != nil {
			return err
		}
	}
	data = data[f.at-offset:]
	for len(data) > 0 {
		piece := data[:min(len(data), maxPiece)]
		if whole := wholeRunes(piece); len(piece) < len(data) || !last {
			piece = whole
		}
		if len(piece) == 0 {
			return nil
		}
		text, err := json.Marshal(string(piece))
		if err != nil {
			return err
		}
		data, f.at = data[len(piece):], f.at+uint64(len(piece))
		if err := f.stream.Send(respond.Event{ID: f.id(), Name: "output", Data: text}); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) id() string { return strconv.FormatUint(f.at, 10) }

// wholeRunes returns the bytes without an incomplete last character.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}
