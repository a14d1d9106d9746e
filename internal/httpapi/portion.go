package httpapi

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/index"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// A long list is read and sent in portions of about 64 KiB plus one job: neither the server nor a view of the state
// holds more than that for a client, however slowly it reads. A short one is held in memory, so that it can have a
// strong entity tag.
const (
	portionBytes = 64 << 10
	wholeBytes   = 256 << 10
)

// portionTime is how much each portion extends the connection's write deadline. A client that reads 64 KiB a second
// gets a list of any length.
const portionTime = time.Second

// jobList is a list of jobs as it is sent.
type jobList struct {
	total   int // length of the whole list
	entries []*index.Entry
	recent  int  // number of each job's newest launches
	file    bool // jobs without their condition, which is not restored
}

// writeJobs answers with a list of jobs, without those deleted meanwhile.
func (a *api) writeJobs(w http.ResponseWriter, r *http.Request, list *jobList) error {
	applied, err := a.Store.Applied()
	if err != nil {
		return err
	}
	out := &respond.Array{Pretty: respond.Pretty(r)}
	rest := list.entries
	for len(rest) > 0 && out.Len() < wholeBytes {
		if rest, err = a.encodeJobs(out, list, rest); err != nil {
			return fmt.Errorf("list jobs: %w", err)
		}
	}
	respond.SetTotal(w, list.total)
	if len(rest) == 0 {
		out.End()
		respond.JSONText(w, r, http.StatusOK, out.Bytes())
		return nil
	}
	respond.JSONHeader(w)
	if respond.Unchanged(w, r, a.listTag(w.Header(), applied, out.Pretty, list)) {
		return nil
	}
	return a.writePortions(w, r, out, list, rest)
}

// writePortions writes out's content, then the remaining jobs in portions.
func (a *api) writePortions(w http.ResponseWriter, r *http.Request, out *respond.Array, list *jobList, rest []*index.Entry) error {
	deadline := time.Now().Add(httpserver.WriteTime)
	for {
		_, err := w.Write(out.Bytes())
		if out.Reset(); err != nil || len(rest) == 0 || r.Method == http.MethodHead {
			return nil // the client has disconnected
		}
		if rest, err = a.encodeJobs(out, list, rest); err != nil {
			a.Logger.Error("list of jobs was cut short", "error", err)
			panic(http.ErrAbortHandler)
		}
		if len(rest) == 0 {
			out.End()
		}
		deadline = deadline.Add(portionTime)
		_ = http.NewResponseController(w).SetWriteDeadline(deadline) // if it fails, the server's own deadline holds
	}
}

// encodeJobs adds a portion of the jobs to out and returns the rest of them.
func (a *api) encodeJobs(out *respond.Array, list *jobList, entries []*index.Entry) (rest []*index.Entry, err error) {
	begun := out.Len()
	err = a.Store.View(func(tx *state.Tx) error {
		for len(entries) > 0 && out.Len() < begun+portionBytes {
			job, err := a.shownJob(tx, entries[0].Name, list.recent)
			if err == nil {
				if list.file {
					job.Condition = nil
				}
				err = out.Add(job)
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

// listTag is the weak entity tag of a list that is too long for memory. The list depends on the state and on its jobs' health,
// which changes with time, so the tag is made of the jobs' names and health and of the index of the newest log entry, read
// before the jobs. Indexes can only be compared within one process, hence the nonce.
func (a *api) listTag(h http.Header, applied uint64, pretty bool, list *jobList) string {
	return respond.WeakTag(h, func(sum io.Writer) {
		_, _ = sum.Write(binary.BigEndian.AppendUint64(a.nonce[:], applied))
		_, _ = io.WriteString(sum, strconv.FormatBool(pretty)+strconv.Itoa(list.recent))
		now := a.now()
		for _, e := range list.entries {
			health, _ := e.Health(now)
			_, _ = io.WriteString(sum, "\n"+e.Name+" "+health.String())
		}
	})
}

func newNonce() (n [8]byte) {
	_, _ = rand.Read(n[:]) // never fails
	return n
}
