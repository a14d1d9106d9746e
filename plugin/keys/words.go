package keys

import (
	"errors"
	"fmt"
	"strings"
)

// ErrCommandLine is the error of a command line that has a quote, bracket or backslash without its end.
var ErrCommandLine = errors.New("invalid command line string")

// OperatorError is the error of a command line with an unquoted operator of a shell: ; & | < or >.
type OperatorError byte

func (e OperatorError) Error() string {
	return fmt.Sprintf("shell operator %q in command, set shell=true", string(rune(e)))
}

// Words splits a command line into words as a POSIX shell does, but expands nothing: $VAR, $(…), `…`, globs and ~
// are ordinary text. An unquoted operator is an error, because without a shell everything after it would be lost.
func Words(line string) ([]string, error) {
	s := splitter{line: line}
	for s.pos < len(s.line) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	s.flush()
	return s.words, nil
}

type splitter struct {
	line   string
	pos    int
	words  []string
	word   strings.Builder
	inWord bool // also true for a word that is empty but quoted
}

// next consumes one unquoted character, or one quoted part as a whole.
func (s *splitter) next() error {
	c := s.line[s.pos]
	s.pos++
	switch c {
	case ' ', '\t', '\r', '\n':
		s.flush()
	case '\\':
		if s.pos == len(s.line) {
			return ErrCommandLine
		}
		if s.line[s.pos] != '\n' { // a continued line
			s.take(s.line[s.pos : s.pos+1])
		}
		s.pos++
	case '\'':
		return s.until('\'', false)
	case '"':
		return s.doubleQuoted()
	case '`':
		return s.until('`', true)
	case '(', ')':
		if c == '(' && s.pos > 1 && s.line[s.pos-2] == '$' && s.inWord {
			return s.until(')', true)
		}
		return ErrCommandLine
	case ';', '&', '|', '<', '>':
		return OperatorError(c)
	default:
		s.take(s.line[s.pos-1 : s.pos])
	}
	return nil
}

// until takes everything up to the closing character unchanged; keep says whether the two delimiters belong to the
// word.
func (s *splitter) until(end byte, keep bool) error {
	n := strings.IndexByte(s.line[s.pos:], end)
	if n < 0 {
		return ErrCommandLine
	}
	from, to := s.pos, s.pos+n
	if keep {
		from, to = from-1, to+1
	}
	s.take(s.line[from:to])
	s.pos += n + 1
	return nil
}

// doubleQuoted takes a part in double quotes, in which a backslash protects only the characters that are special there.
func (s *splitter) doubleQuoted() error {
	s.inWord = true
	for s.pos < len(s.line) {
		c := s.line[s.pos]
		s.pos++
		if c == '"' {
			return nil
		}
		if c == '\\' && s.pos < len(s.line) {
			switch next := s.line[s.pos]; next {
			case '$', '`', '"', '\\':
				c = next
				s.pos++
			case '\n':
				s.pos++
				continue
			}
		}
		s.word.WriteByte(c)
	}
	return ErrCommandLine
}

func (s *splitter) take(part string) {
	s.inWord = true
	s.word.WriteString(part)
}

func (s *splitter) flush() {
	if s.inWord {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.inWord = false
}
