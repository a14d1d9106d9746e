package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"dkron"
	"dkron/internal/state"
)

// A long list is read and sent in portions of some 64 KiB, the last job of each on top: neither the server nor a view of
// the state holds more than that for a client, however slowly it reads. A short one is held whole, so that it can have
// a strong entity tag.
const (
	portionBytes = 64 << 10
	wholeBytes   = 256 << 10
)

// portionTime is by how much each portion puts off the end of the connection's time to write. A client that reads 64 KiB
// a second gets a list of any length.
const portionTime = time.Second

// writeJobs answers the jobs of a list. A job that was deleted meanwhile is left out.
func (a *api) writeJobs(w http.ResponseWriter, r *http.Request, total int, entries []*state.Entry) error {
	applied, err := a.Store.Applied()
	if err != nil {
		return err
	}
	out := &arrayWriter{pretty: pretty(r)}
	rest := entries
	for len(rest) > 0 && out.out.Len() < wholeBytes {
		if rest, err = a.encodeJobs(out, rest); err != nil {
			return fmt.Errorf("list jobs: %w", err)
		}
	}
	setTotal(w, total)
	if len(rest) == 0 {
		out.end()
		writeBody(w, r, http.StatusOK, out.out.Bytes())
		return nil
	}
	jsonHeader(w)
	if unchanged(w, r, a.listTag(w.Header(), applied, out.pretty, entries)) {
		return nil
	}
	return a.writePortions(w, r, out, rest)
}

// writePortions writes what out holds, then the rest of the jobs portion by portion.
func (a *api) writePortions(w http.ResponseWriter, r *http.Request, out *arrayWriter, rest []*state.Entry) error {
	deadline := time.Now().Add(writeTime)
	for {
		_, err := w.Write(out.out.Bytes())
		if out.out.Reset(); err != nil || len(rest) == 0 || r.Method == http.MethodHead {
			return nil // a client that went away is nobody to answer to
		}
		if rest, err = a.encodeJobs(out, rest); err != nil {
			a.Logger.Error("list of jobs was cut short", "error", err)
			panic(http.ErrAbortHandler)
		}
		if len(rest) == 0 {
			out.end()
		}
		deadline = deadline.Add(portionTime)
		_ = http.NewResponseController(w).SetWriteDeadline(deadline) // without it, the server's own holds
	}
}

// encodeJobs adds a portion of the jobs to out and returns the rest of them.
func (a *api) encodeJobs(out *arrayWriter, entries []*state.Entry) (rest []*state.Entry, err error) {
	begun := out.out.Len()
	err = a.Store.View(func(tx *state.Tx) error {
		for len(entries) > 0 && out.out.Len() < begun+portionBytes {
			record, err := readRecord(tx, entries[0].Name)
			if err == nil {
				err = out.add(a.jobJSON(record))
			}
			if err != nil && !errors.Is(err, dkron.ErrNotFound) {
				return err
			}
			entries = entries[1:]
		}
		return nil
	})
	return entries, err
}
