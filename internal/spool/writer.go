package spool

import (
	"errors"
	"os"
	"sync"
)

// Resumed is the line in an output where another process of the node continued with it.
const Resumed = "\n[... the agent was restarted here, and may have missed some output ...]\n"

// errFull says that an output can't be kept whole.
var errFull = errors.New("there is no room for more; raise --processor-spool-size")

// Writer keeps the output of one execution. It is safe for concurrent use; a nil one keeps nothing.
type Writer struct {
	spool   *Spool
	name    string
	job     string
	resumed bool // an earlier process has begun the file

	mu   sync.Mutex // held while the file is written; guards the fields below
	file *os.File   // nil before the first byte
	done bool       // nothing more is kept
}

// Write keeps a part of the output. After the first part that could not be kept, none is.
func (w *Writer) Write(p []byte) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.write(p)
}

// Replace makes p the output, whatever was written before.
func (w *Writer) Replace(p []byte) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file != nil || w.resumed {
		w.resumed = false
		if err := os.Truncate(w.spool.path(w.name), 0); err != nil {
			w.stop(err)
			return
		}
		w.spool.giveBack(w.name, w.spool.sizeOf(w.name))
	}
	w.done = false
	w.write(p)
}

// End says that the execution has ended: its output is complete.
func (w *Writer) End() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	made := w.resumed
	if w.file != nil {
		made = true
		if err := w.file.Close(); err != nil {
			w.stop(err)
		}
	}
	w.done = true
	w.spool.end(w.name, made)
}

// write keeps a part. The caller holds mu.
func (w *Writer) write(p []byte) {
	if w.done || len(p) == 0 {
		return
	}
	if err := w.open(); err != nil {
		w.stop(err)
		return
	}
	room := w.spool.reserve(w.name, int64(len(p)))
	n, err := w.file.Write(p[:room])
	w.spool.giveBack(w.name, room-int64(n))
	switch {
	case err != nil:
		w.stop(err)
	case n < len(p):
		w.stop(errFull)
	}
}

// open opens the file with the first byte.
func (w *Writer) open() (err error) {
	if w.file != nil {
		return nil
	}
	if err := os.MkdirAll(w.spool.dir, 0o700); err != nil {
		return err
	}
	if w.file, err = os.OpenFile(w.spool.path(w.name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil || !w.resumed {
		return err
	}
	n, err := w.file.WriteString(Resumed)
	w.spool.giveBack(w.name, int64(-n))
	return err
}

// stop keeps nothing more of the output. The run continues.
func (w *Writer) stop(err error) {
	w.done = true
	w.spool.log.Warn("the whole output of an execution can't be kept on this node; the run continues, and its processors get what was kept, with a mark",
		"job", w.job, "file", w.spool.path(w.name), "error", err)
}
