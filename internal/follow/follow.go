// Package follow sends the output of an execution to a client while it is written, until the execution has ended.
package follow

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// Every is the interval of asking for new output. Nodes send theirs about as often.
const Every = 200 * time.Millisecond

const (
	liveTime = 2 * time.Second // limit of the wait for live output
	maxPiece = 64 << 10        // bytes of output in one event
)

// Live returns what running executions have written, from the given offsets. It may leave out what it can't reach in
// time. Output before a chunk's offset is no longer held.
type Live interface {
	Output(ctx context.Context, keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk
}

// Follower sends the output of one execution to one client.
type Follower struct {
	Stream *respond.Stream
	Live   Live // nil: no output before the end
	Events *state.Events
	From   state.Position // events after it report the end
	// Read reads the execution again. Its error is an ErrNotFound if the execution was removed.
	Read func(*dkron.Execution) (*dkron.Execution, error)
	// Form returns an ended execution as clients read it, without its output.
	Form func(*dkron.Execution) any
	Now  func() time.Time
	At   uint64 // bytes of the output that were sent or skipped
}

// Run sends the output of e, which was just read, and how it ended. It returns early if the client disconnects. The
// client gets all that is kept in the end, and may get output that is not kept. An error is one of Read.
func (f *Follower) Run(e *dkron.Execution) error {
	for e.FinishedAt.IsZero() {
		if f.live(e) != nil || !f.Stream.Pause(Every) {
			return nil
		}
		next, err := f.Read(e)
		if errors.Is(err, dkron.ErrNotFound) { // removed with its job, or its history was cleared
			e = f.asReported(e)
			break
		}
		if err != nil {
			return err
		}
		e = next
	}
	f.end(e)
	return nil
}

// asReported returns an execution that no history has, with the end that its event reported, if that is still held.
func (f *Follower) asReported(e *dkron.Execution) *dkron.Execution {
	list, _, _ := f.Events.After(f.From, math.MaxInt)
	for i := range list {
		if list[i].Type == state.ExecutionEnded && list[i].Job == e.JobName && list[i].ExecutionID == e.ID() {
			end := *e
			end.Outcome, end.FinishedAt, end.OutputSize = list[i].Outcome, f.Now().UTC(), max(e.OutputSize, f.At)
			return &end
		}
	}
	return e
}

// live sends what the leader holds beyond what was sent. That is nothing without a leader, or before a new one holds
// it.
func (f *Follower) live(e *dkron.Execution) error {
	if f.Live == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(f.Stream.Context(), liveTime)
	defer cancel()
	for _, c := range f.Live.Output(ctx, []dkron.ExecutionKey{e.Key}, []uint64{f.At}) {
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
func (f *Follower) end(e *dkron.Execution) {
	head, tail := e.Parts()
	if f.send(0, head, true) != nil || f.send(e.OutputSize-uint64(len(tail)), tail, true) != nil {
		return
	}
	if data, err := json.Marshal(f.Form(e)); err == nil {
		_ = f.Stream.Send(respond.Event{Name: "end", Data: data})
	}
}

type gapJSON struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// send sends a part of the output that begins at an offset, without what was sent before. It holds back an incomplete
// character, unless the part is the last.
func (f *Follower) send(offset uint64, data []byte, last bool) error {
	if end := offset + uint64(len(data)); end <= f.At {
		return nil
	}
	if offset > f.At {
		for i := 0; i < utf8.UTFMax-1 && len(data) > 1 && !utf8.RuneStart(data[0]); i++ {
			offset, data = offset+1, data[1:]
		}
		gap, err := json.Marshal(gapJSON{f.At, offset})
		if err != nil {
			return err
		}
		f.At = offset
		if err := f.Stream.Send(respond.Event{ID: f.id(), Name: "gap", Data: gap}); err != nil {
			return err
		}
	}
	data = data[f.At-offset:]
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
		data, f.At = data[len(piece):], f.At+uint64(len(piece))
		if err := f.Stream.Send(respond.Event{ID: f.id(), Name: "output", Data: text}); err != nil {
			return err
		}
	}
	return nil
}

func (f *Follower) id() string { return strconv.FormatUint(f.At, 10) }

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
