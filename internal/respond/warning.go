package respond

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dkron"
)

const (
	// MaxWarnings is the most warnings of an answer, and the most unknown fields that it names.
	MaxWarnings = 10
	// maxWarning limits a warning's text, in bytes: proxies refuse answers with large headers.
	maxWarning = 400
)

// Warn adds a warning to an answer, in a header.
func Warn(w http.ResponseWriter, text string) {
	w.Header().Add("Warning", "299 dkron "+strconv.QuoteToASCII(text))
}

// Warnings adds warnings about jobs to an answer, but no more than a client accepts in headers.
type Warnings struct {
	w     http.ResponseWriter
	given int
}

// NewWarnings returns those of an answer.
func NewWarnings(w http.ResponseWriter) *Warnings { return &Warnings{w: w} }

// Add adds the problems of one job; prefix names the job if there are several.
func (s *Warnings) Add(prefix string, problems []dkron.Problem) {
	for _, p := range problems {
		if s.given++; s.given > MaxWarnings {
			continue
		}
		text := p.Text
		if len(text) > maxWarning {
			text = strings.ToValidUTF8(text[:maxWarning], "") + "…"
		}
		Warn(s.w, prefix+text)
	}
}

// End adds the number of omitted warnings.
func (s *Warnings) End() {
	if more := s.given - MaxWarnings; more > 0 {
		Warn(s.w, fmt.Sprintf("and %d more warnings", more))
	}
}

// WarnUnknown names a body's unknown fields, each once.
func WarnUnknown(w http.ResponseWriter, fields []string) {
	var names []string
	more := 0
	for _, f := range fields {
		switch f = Shorten(f); {
		case slices.Contains(names, f):
		case len(names) < MaxWarnings:
			names = append(names, f)
		default:
			more++
		}
	}
	if len(names) == 0 {
		return
	}
	text := "unknown fields ignored: " + strings.Join(names, ", ")
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	Warn(w, text)
}
