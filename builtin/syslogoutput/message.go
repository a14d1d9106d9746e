package syslogoutput

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
)

const (
	// maxDatagram is how many bytes a message may have where it is one packet: the most that UDP takes, with room for
	// headers.
	maxDatagram = 65000
	// maxLines is how many messages are sent of an output that is split.
	maxLines = 10000
	maxHost  = 255
)

// messages returns the messages of a result, without what frames them.
func (c *config) messages(req *plugin.ProcessRequest, network bool) [][]byte {
	head := c.head(req, network)
	about := fmt.Sprintf("job=%s node=%s execution=%s outcome=%s", word(req.JobName), word(req.NodeName), word(req.ExecutionID), req.Outcome)
	with := func(text []byte) []byte {
		m := make([]byte, 0, len(head)+len(about)+len(text)+2)
		m = append(append(m, head...), about...)
		if len(text) > 0 {
			m = append(append(m, ": "...), text...)
		}
		return m
	}
	output := bytes.TrimRight(req.Output, "\r\n")
	if !c.split {
		return [][]byte{with(output)}
	}
	var all [][]byte
	lines := bytes.Split(output, []byte("\n"))
	for i, line := range lines {
		if i == maxLines {
			return append(all, with(fmt.Appendf(nil, "[cut: %d more lines]", len(lines)-i)))
		}
		all = append(all, with(bytes.TrimRight(line, "\r")))
	}
	return all
}

// head returns what is before the text of a message.
func (c *config) head(req *plugin.ProcessRequest, network bool) string {
	at, severity := req.FinishedAt, c.severity
	if at.IsZero() {
		at = time.Now()
	}
	if !req.Success {
		severity = c.failed
	}
	priority := "<" + strconv.Itoa(c.facility*8+severity) + ">"
	host := printable(req.ReportingNode, maxHost)
	switch {
	case c.exact:
		if host == "" {
			host = "-"
		}
		return priority + "1 " + at.UTC().Format("2006-01-02T15:04:05.000000Z07:00") + " " + host + " " + c.tag + " - - - "
	case network:
		return priority + at.Local().Format(time.Stamp) + " " + host + " " + c.tag + ": "
	}
	return priority + at.Local().Format(time.Stamp) + " " + c.tag + ": " // the machine's syslog knows its name
}

// word returns a text as a value that ends at the next space.
func word(text string) string {
	if text == "" || strings.ContainsAny(text, " \"=\t\r\n") {
		return strconv.Quote(text)
	}
	return text
}

// cut returns a message with at most so many bytes, the last of which say how much is missing.
func cut(message []byte, most int) []byte {
	if len(message) <= most {
		return message
	}
	const room = 32 // for the mark
	keep := bytes.ToValidUTF8(message[:max(most-room, 0)], nil)
	return fmt.Appendf(bytes.Clone(keep), " [cut: %d more bytes]", len(message)-len(keep))
}

// oneLine returns a message as a line: control characters are written as rsyslog does, #012 for a line feed.
func oneLine(message []byte) []byte {
	var out bytes.Buffer
	for _, b := range message {
		if b < ' ' || b == 0x7f {
			fmt.Fprintf(&out, "#%03o", b)
			continue
		}
		out.WriteByte(b)
	}
	return out.Bytes()
}

// framed returns a message as it is sent on a connection: with its length before it (RFC 6587, octet counting), or as a
// line.
func (c *config) framed(message []byte) []byte {
	if c.exact {
		return append(strconv.AppendInt(nil, int64(len(message)), 10), append([]byte{' '}, message...)...)
	}
	return append(oneLine(message), '\n')
}
