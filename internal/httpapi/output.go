package httpapi

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/follow"
	"dkron/internal/history"
	"dkron/internal/launchform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

const (
	outputPath   = "/v1/jobs/{job}/executions/{id}/output"
	maxFollowers = 500
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
	text := launchform.OutputText(e)
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

// followOutput sends an execution's output as it is written, until it has ended. Events after the position report the
// end.
func (a *api) followOutput(w http.ResponseWriter, r *http.Request, e *dkron.Execution, from state.Position) error {
	f := &follow.Follower{Live: a.Live, Events: a.Store.Events(), From: from, Read: a.again, Form: withoutOutput, Now: a.now}
	if from := respond.ResumeFrom(r, "offset"); from != "" {
		var err error
		if f.At, err = strconv.ParseUint(from, 10, 63); err != nil {
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
	if f.Stream, err = a.streams.Begin(w, r); err != nil {
		return err
	}
	defer f.Stream.Close()
	if err := f.Run(e); err != nil {
		a.Logger.Error("stopped following an output early", "job", e.JobName, "execution", e.ID(), "error", err)
	}
	return nil
}

// again reads an execution again.
func (a *api) again(e *dkron.Execution) (*dkron.Execution, error) {
	return read(a, func(tx *state.Tx) (*dkron.Execution, error) { return history.Again(tx, e) })
}

// withoutOutput returns an execution as clients read it, but without its output.
func withoutOutput(e *dkron.Execution) any {
	out := launchform.NewExecution(e)
	out.Output = ""
	return out
}
