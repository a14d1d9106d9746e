package config

import (
	"encoding/csv"
	"errors"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// splitter splits a text into the elements of a list, trimmed and never empty.
//
// A text that is a well-formed CSV record with quoted fields is always read as that, since values with commas used to
// require it. Otherwise a comma separates, but never within {{ }}, and in some lists only where it can't mean anything
// else: cloud discovery, headers and tags contain commas.
type splitter func(text string) []string

// splitPlain cuts at each comma: addresses, keys, tags on the command line.
func splitPlain(text string) []string {
	return split(text, func(_, _ string) bool { return true })
}

// splitRetryJoin keeps a comma within an entry of cloud discovery, unless what follows is clearly the next entry.
func splitRetryJoin(text string) []string {
	return split(text, func(current, rest string) bool {
		if !isProvider(current) {
			return true
		}
		next := strings.TrimSpace(rest)
		first, _, _ := strings.Cut(next, ",")
		return strings.HasPrefix(next, "provider=") || strings.HasPrefix(next, "{{") || isAddress(strings.TrimSpace(first))
	})
}

var headerStart = regexp.MustCompile("^\\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+:(?:[^/]|$)")

// splitHeaders cuts where the next header begins: "A: b,C: d" is two, "Accept: text/html, text/plain" one.
func splitHeaders(text string) []string {
	return split(text, func(_, rest string) bool { return headerStart.MatchString(rest) })
}

var tagStart = regexp.MustCompile(`^(?:[^=,]+=|\s*$)`)

// splitTags cuts at white space, and at a comma where the next tag begins: the environment and a text in the file.
func splitTags(text string) []string {
	if record, ok := csvRecord(text); ok {
		return record
	}
	var tags []string
	for _, field := range strings.Fields(text) {
		tags = append(tags, split(field, func(_, rest string) bool { return tagStart.MatchString(rest) })...)
	}
	return tags
}

// split cuts the text at the commas for which cut returns true, given the element so far and everything after the
// comma.
func split(text string, cut func(current, rest string) bool) []string {
	if record, ok := csvRecord(text); ok {
		return record
	}
	var list []string
	start := 0
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "{{"):
			i += enclosed(text[i:], "{{", "}}")
		case text[i] == '"' && isProvider(text[start:i]):
			i += quoted(text[i:])
		case text[i] == ',' && cut(text[start:i], text[i+1:]):
			list = appendTrimmed(list, text[start:i])
			i++
			start = i
		default:
			i++
		}
	}
	return appendTrimmed(list, text[start:])
}

func appendTrimmed(list []string, text string) []string {
	if text = strings.TrimSpace(text); text != "" {
		list = append(list, text)
	}
	return list
}

// enclosed is the length of the text from open to close, or that of open alone if it is never closed.
func enclosed(text, open, end string) int {
	if i := strings.Index(text[len(open):], end); i >= 0 {
		return len(open) + i + len(end)
	}
	return len(open)
}

// quoted is the length of the double-quoted text, with backslash escapes, or 1 if the quote is never closed.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 1
}

// csvRecord reads the text as one CSV record, if it is a well-formed one that has quotes.
func csvRecord(text string) ([]string, bool) {
	if !strings.Contains(text, `"`) {
		return nil, false
	}
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	record, err := r.Read()
	if err != nil {
		return nil, false
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	var list []string
	for _, field := range record {
		list = appendTrimmed(list, field)
	}
	return list, true
}

// isProvider reports whether an entry of retry-join is one of cloud discovery.
func isProvider(entry string) bool { return strings.Contains(entry, "provider=") }

// isAddress reports whether the text can only be an address: an IP, or a host with a port.
func isAddress(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, "= \t\"") {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}
