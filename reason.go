package dkron

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dkron/plugin"
)

const (
	// maxReason bounds the parts of a reason that come from elsewhere, in characters.
	maxReason = 200
	// reasonTail is how much of the output's end is searched for its last line.
	reasonTail = 4 << 10
)

// Explain returns why an execution did not succeed and on which node, in one line for people; "" if it succeeded. A cause
// that is known comes before what is only its symptom, such as the signal that ended the command.
func (r *Result) Explain() string {
	on := ""
	if r.NodeName != "" {
		on = " on " + r.NodeName
	}
	given := oneLine(r.Reason)
	switch {
	case r.Outcome == Success:
		return ""
	case r.Outcome == Lost || r.Outcome == Stopped:
		return oneLine(r.Error)
	case strings.HasPrefix(given, "answered "):
		return given + "," + on
	case given != "":
		return given + on
	case r.Outcome == TimedOut: // reported by an older node, or by another executor
		return "timed out after " + plugin.InWords(r.FinishedAt.Sub(r.StartedAt).Round(100*time.Millisecond)) + on
	case r.ExitCode != nil:
		return quoting(fmt.Sprintf("exit code %d%s", r.ExitCode.Code, on), r.Output)
	case strings.HasPrefix(r.Error, "signal: "):
		return quoting("ended by "+oneLine(r.Error)+on, r.Output)
	}
	if text := oneLine(r.Error); text != "" {
		return "failed" + on + ": " + text
	}
	return "failed" + on
}

// quoting adds the last line of an output that says something to what is known.
func quoting(what string, output []byte) string {
	if line := lastLine(output); line != "" {
		return what + ": " + line
	}
	return what
}

// lastLine returns the last line of an output that has a letter or a digit, without escape sequences, bounded.
func lastLine(output []byte) string {
	if len(output) > reasonTail {
		output = output[len(output)-reasonTail:]
	}
	for len(output) > 0 {
		at := bytes.LastIndexAny(output, "\r\n")
		line := oneLine(string(output[at+1:]))
		if strings.ContainsFunc(line, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) {
			return line
		}
		output = output[:max(at, 0)]
	}
	return ""
}

// escapes is the escape sequences that terminals take for colours, titles and links.
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[ -/]*[0-~])")

// oneLine returns a text without escape sequences and control characters, valid and cut to maxReason.
func oneLine(text string) string {
	if len(text) > 2*reasonTail {
		text = text[:2*reasonTail]
	}
	text = escapes.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "")
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case !unicode.IsGraphic(c):
			return -1
		}
		return c
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxReason {
		return text
	}
	return string([]rune(text)[:maxReason-1]) + "…"
}
