package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
)

// Error says why not all recipients of a message were served.
type Error struct {
	Accepted []string          // to whom the message goes all the same
	Refused  map[string]string // whom the server refused for good, with its words; also what is not an address
	Deferred map[string]string // whom the server may accept later, with its words

	all   error // nobody was served because of it
	never bool  // of all: the server refused this message for good
}

// Permanent reports whether another try can't help anybody.
func (e *Error) Permanent() bool {
	if e.all != nil {
		return e.never
	}
	return len(e.Deferred) == 0
}

// Whole reports whether nobody was served, because of the server or of the message and not of recipients.
func (e *Error) Whole() bool { return e != nil && e.all != nil }

// Error names the recipients and the reasons.
func (e *Error) Error() string {
	var parts []string
	for _, list := range []struct {
		title string
		why   map[string]string
	}{{"refused", e.Refused}, {"not accepted yet", e.Deferred}} {
		for _, to := range slices.Sorted(maps.Keys(list.why)) {
			parts = append(parts, fmt.Sprintf("%s %s: %s", to, list.title, list.why[to]))
		}
	}
	if e.all != nil {
		parts = append([]string{e.all.Error()}, parts...)
	}
	return strings.Join(parts, "; ")
}

// Unwrap returns why nobody was served, if that is so.
func (e *Error) Unwrap() error { return e.all }

// result returns the error, or nil if all were served.
func (e *Error) result() error {
	if e.all == nil && len(e.Refused)+len(e.Deferred) == 0 {
		return nil
	}
	return e
}

func (e *Error) refuse(to, why string) {
	if e.Refused == nil {
		e.Refused = make(map[string]string)
	}
	e.Refused[to] = why
}

// answer takes in what the server said to a recipient. It reports whether it said anything.
func (e *Error) answer(to string, err error) bool {
	switch code := codeOf(err); {
	case err == nil:
		e.Accepted = append(e.Accepted, to)
	case code >= 500:
		e.refuse(to, words(err))
	case code >= 400:
		if e.Deferred == nil {
			e.Deferred = make(map[string]string)
		}
		e.Deferred[to] = words(err)
	default:
		return false
	}
	return true
}

// fail notes that nobody was served. s is the server, whose secrets are not repeated; never says that the message itself
// can't be accepted.
func (e *Error) fail(s *Server, doing string, err error, never bool) error {
	e.Accepted = nil
	e.all = &failure{fmt.Sprintf("mail server %s: %s: %s", s.address(), doing, s.mask(words(err))), err}
	e.never = never
	return e
}

// failure is an error with another text.
type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }

// codeOf returns the code of a server's answer; 0 if err is none.
func codeOf(err error) int {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	return 0
}

// maxWords is how many bytes of a server's answer are repeated.
const maxWords = 200

// words returns an error as one line of printable text that is not too long. A server may answer anything.
func words(err error) string {
	text := err.Error()
	if answer, ok := errors.AsType[*textproto.Error](err); ok { // whose text is quoted in its own
		text = strings.Replace(text, answer.Error(), fmt.Sprintf("%03d %s", answer.Code, answer.Msg), 1)
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok { // whose text repeats the server and what was attempted
		text = strings.Replace(text, failed.Error(), cause(failed).Error(), 1)
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\ufffd' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}

// cause returns what an operation on the network failed with, without the operation.
func cause(failed *net.OpError) error {
	if call, ok := errors.AsType[*os.SyscallError](failed.Err); ok {
		return call.Err
	}
	return failed.Err
}

// mask replaces the password in a text: servers may repeat a command that they refuse.
func (s *Server) mask(text string) string {
	if s.Password == "" {
		return text
	}
	const hidden = "[redacted]"
	encode := base64.StdEncoding.EncodeToString
	return strings.NewReplacer(
		encode([]byte("\x00"+s.Username+"\x00"+s.Password)), hidden,
		encode([]byte(s.Password)), hidden,
		s.Password, hidden,
	).Replace(text)
}
