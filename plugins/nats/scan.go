package nats

import (
	"bytes"
	"strconv"
)

// scanner follows what a server says: lines, some of which announce a message of so many bytes.
type scanner struct {
	off  bool   // it can't see the protocol
	line []byte // the current line, as far as it has come
	skip int    // bytes of the current message that are to come
}

// accept reports whether the next part of the stream keeps within the limits.
func (s *scanner) accept(b []byte) bool {
	for len(b) > 0 && !s.off {
		if n := min(s.skip, len(b)); n > 0 {
			s.skip -= n
			b = b[n:]
			continue
		}
		if len(s.line) == 0 && (b[0] == 0x16 || b[0] == 0x15) { // TLS begins; no line does so
			s.off = true
			break
		}
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			s.line = append(s.line, b...)
			return len(s.line) <= helloLimit
		}
		line := b[:end]
		if len(s.line) > 0 {
			line = append(s.line, line...)
			s.line = s.line[:0]
		}
		if s.skip = announced(line); s.skip > maxMessage || len(line) > helloLimit {
			return false
		}
		b = b[end+1:]
	}
	return true
}

// announced returns how many bytes of a message follow after a line.
func announced(line []byte) int {
	line = bytes.TrimRight(line, "\r")
	if len(line) < 4 || !bytes.EqualFold(line[:4], []byte("MSG ")) && !bytes.EqualFold(line[:min(5, len(line))], []byte("HMSG ")) {
		return 0
	}
	fields := bytes.Fields(line)
	n, err := strconv.ParseUint(string(fields[len(fields)-1]), 10, 64)
	if err != nil {
		return 0 // the library refuses it
	}
	return int(min(n, maxMessage+1)) // the end of its line comes as an empty line
}
