package pluginhost

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
)

const (
	// keptWords is how many of the last bytes that a starting process writes to standard error are kept.
	keptWords = 8 << 10
	// shownLines and shownWords bound what an error includes of them.
	shownLines = 3
	shownWords = 400
)

// words is the end of what a process writes to standard error until it can be called: mostly why it can't.
type words struct {
	mu   sync.Mutex // guards what follows
	last []byte
	over bool // it can be called: its later words are for the log alone
}

// add keeps a piece.
func (w *words) add(piece []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.last = append(w.last, piece...)
	if n := len(w.last) - keptWords; n > 0 {
		w.last = append(w.last[:0], w.last[n:]...)
	}
}

// end drops what was kept.
func (w *words) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last, w.over = nil, true
}

// String returns the last lines, without those that the library of plugins writes for itself, as one line.
func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []string
	for line := range bytes.Lines(w.last) {
		if text := said(line); text != "" {
			lines = append(lines, text)
		}
	}
	text := strings.Join(lines[max(0, len(lines)-shownLines):], "; ")
	if len(text) > shownWords {
		text = "…" + text[len(text)-shownWords:]
	}
	return strings.ToValidUTF8(text, "?")
}

// said returns what a line says; nothing of a line of the library's log, unless it is an error.
func said(line []byte) string {
	var log struct {
		Level   string `json:"@level"`
		Message string `json:"@message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(line, &log) != nil || log.Level == "" {
		return strings.Join(strings.Fields(string(line)), " ")
	}
	if log.Level != "error" {
		return ""
	}
	return strings.TrimSuffix(log.Message+": "+log.Error, ": ")
}

// overheard is the standard error of a process, of which the words are kept.
type overheard struct {
	io.ReadCloser
	by *words
}

// Read reads.
func (o overheard) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.by.add(p[:n])
	return n, err
}

// maxLine bounds a line of a plugin in the log.
const maxLine = 16 << 10

// logged writes each line to the log: what an executor prints after its start comes by a stream of the protocol.
type logged struct {
	log func(msg string, args ...any)

	mu   sync.Mutex // guards what follows
	part []byte     // of a line
}

// Write logs the lines that are complete.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, p...)
	for {
		n := bytes.IndexByte(l.part, '\n')
		if n < 0 {
			if len(l.part) < maxLine {
				return len(p), nil
			}
			n = maxLine - 1
		}
		l.log(strings.ToValidUTF8(strings.TrimRight(string(l.part[:n]), "\r"), "?"))
		l.part = append(l.part[:0], l.part[n+1:]...)
	}
}
