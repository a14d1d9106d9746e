package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// Redactor masks the values of secrets in a stream. It keeps back only what could be the beginning of one. A nil Redactor masks nothing.
// It is not safe for concurrent use.
type Redactor struct {
	patterns []pattern
	states   []int  // of each pattern: how many of its bytes the stream ends with
	held     []byte // what has not been returned
	at       int64  // how many bytes came before held
	spans    []span // what is to be masked, and begins in held
	until    int64  // what is before this place is masked already
}

// span is a part of the stream, as half-open range [from, to).
type span struct{ from, to int64 }

// pattern is a text to find, with the failure function of Knuth, Morris and Pratt.
type pattern struct {
	text []byte
	back []int32
}

// minLine is the bytes that a line of a value with several must have to be masked on its own.
const minLine = 6

// NewRedactor returns a redactor of values, nil if there are none. Each is found as it is, each of its longer lines on its own, and
// all of it in the forms that programs commonly give it: JSON, URL, base64 and hex.
func NewRedactor(values ...string) *Redactor {
	var texts []string
	for _, v := range values {
		for _, form := range formsOf(v) {
			if len(form) >= MinValue && !slices.Contains(texts, form) {
				texts = append(texts, form)
			}
		}
	}
	if len(texts) == 0 {
		return nil
	}
	r := &Redactor{states: make([]int, len(texts))}
	for _, t := range texts {
		r.patterns = append(r.patterns, newPattern([]byte(t)))
	}
	return r
}

// Fresh returns a redactor of the same values for another stream.
func (r *Redactor) Fresh() *Redactor {
	if r == nil {
		return nil
	}
	return &Redactor{patterns: r.patterns, states: make([]int, len(r.patterns))}
}

func formsOf(value string) []string {
	whole := strings.TrimSpace(value)
	if len(whole) < MinValue {
		return nil
	}
	forms := []string{
		whole, inJSON(whole), url.QueryEscape(whole), url.PathEscape(whole), hex.EncodeToString([]byte(whole)),
		strings.ReplaceAll(whole, ",", `\,`), strings.ReplaceAll(whole, "\n", "\r\n"), strings.ReplaceAll(whole, "'", `'\''`),
	}
	for shift := range 3 { // where it begins in a group of three bytes, such as after "user:"
		text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + whole))
		text = text[(shift*8+5)/6 : (shift+len(whole))*8/6]
		forms = append(forms, text, strings.NewReplacer("+", "-", "/", "_").Replace(text))
	}
	lines := strings.Split(whole, "\n")
	for i := 0; len(lines) > 1 && i < len(lines); i++ {
		if line := strings.TrimSpace(lines[i]); len(line) >= minLine {
			forms = append(forms, line, inJSON(line))
		}
	}
	return forms
}

func newPattern(text []byte) pattern {
	p := pattern{text, make([]int32, len(text)+1)}
	n := 0
	for i := 1; i < len(text); i++ {
		for n > 0 && text[i] != text[n] {
			n = int(p.back[n])
		}
		if text[i] == text[n] {
			n++
		}
		p.back[i+1] = int32(n) // at most the length of a value
	}
	return p
}

// Write takes a piece of the stream and returns what can be shown by now, in new memory. A nil result is nothing.
func (r *Redactor) Write(piece []byte) []byte {
	if r == nil {
		return piece
	}
	begin := r.at + int64(len(r.held))
	r.held = append(r.held, piece...)
	longest := 0
	for i := range r.patterns {
		r.states[i] = r.follow(&r.patterns[i], r.states[i], piece, begin)
		longest = max(longest, r.states[i])
	}
	return r.emit(begin + int64(len(piece)) - int64(longest))
}

// follow advances a pattern over a piece that begins at a place of the stream, notes where it is found, and returns its state.
func (r *Redactor) follow(p *pattern, state int, piece []byte, begin int64) int {
	for i := 0; i < len(piece); i++ {
		if state == 0 {
			next := bytes.IndexByte(piece[i:], p.text[0])
			if next < 0 {
				return 0
			}
			i += next
		}
		for state > 0 && piece[i] != p.text[state] {
			state = int(p.back[state])
		}
		if piece[i] == p.text[state] {
			state++
		}
		if state == len(p.text) {
			to := begin + int64(i) + 1
			r.spans = append(r.spans, span{to - int64(state), to})
			state = int(p.back[state])
		}
	}
	return state
}

// emit returns what is before a place, masked, and forgets it.
func (r *Redactor) emit(place int64) (out []byte) {
	slices.SortFunc(r.spans, func(a, b span) int { return int(a.from - b.from) })
	show := func(to int64) { // the text up to a place
		if from := max(r.at, r.until); from < to {
			out = append(out, r.held[from-r.at:to-r.at]...)
		}
	}
	done := 0
	for _, s := range r.spans {
		if s.from >= place {
			break
		}
		if s.from >= r.until {
			show(s.from)
			out = append(out, Mask...)
		}
		r.until = max(r.until, s.to)
		r.drop(min(r.until, r.at+int64(len(r.held))))
		done++
	}
	r.spans = slices.Delete(r.spans, 0, done)
	show(place)
	r.drop(place)
	return out
}

// drop forgets what is held before a place.
func (r *Redactor) drop(place int64) {
	if n := place - r.at; n > 0 {
		r.held = slices.Delete(r.held, 0, int(n))
		r.at = place
	}
}

// End returns the rest of the stream. If it ends in the middle of a secret, what there is of that is masked too.
func (r *Redactor) End() []byte {
	if r == nil {
		return nil
	}
	end := r.at + int64(len(r.held))
	for i, state := range r.states {
		if state >= MinValue {
			r.spans = append(r.spans, span{end - int64(state), end})
		}
		r.states[i] = 0
	}
	return r.emit(end)
}

// Bytes returns a whole text, masked. It changes nothing, so that it may be called at any time.
func (r *Redactor) Bytes(text []byte) []byte {
	if r == nil || len(text) == 0 {
		return text
	}
	f := r.Fresh()
	return append(f.Write(text), f.End()...)
}

// Text is Bytes for a string.
func (r *Redactor) Text(text string) string { return string(r.Bytes([]byte(text))) }
