package nats

import (
	"strings"
	"testing"
)

func TestAStreamIsFollowedInPiecesOfAnySize(t *testing.T) {
	good := "INFO {}\r\nPING\r\nMSG a 1 4\r\nMSG \r\nHMSG b 2 reply 3 9\r\nMSG a 1 9\r\nmsg a 1 0\r\n\r\nPONG\r\n+OK\r\n"
	for name, tt := range map[string]struct {
		stream string
		ok     bool
	}{
		"good": {good, true}, "largest": {good + "MSG a 1 67108864\r\n", true}, "too large": {good + "MSG a 1 67108865\r\n", false},
		"beyond an int":                     {good + "HMSG a 1 12 99999999999999999999\r\n", true}, // the library does not understand it
		"within a message it means nothing": {"MSG a 1 20\r\nMSG a 1 99999999999\r\nPING\r\n", true},
		"a line without end":                {good + strings.Repeat("x", 2<<20), false},
		"TLS":                               {"INFO {}\r\n\x16\x03" + "MSG a 1 99999999999\r\n", true},
	} {
		for _, size := range []int{1, 2, 3, 7, 1000, 1 << 20, 1 << 30} {
			var s scanner
			ok := true
			for rest := []byte(tt.stream); len(rest) > 0 && ok; {
				n := min(size, len(rest))
				ok = s.accept(rest[:n])
				rest = rest[n:]
			}
			if ok != tt.ok {
				t.Errorf("%s in pieces of %d: %t", name, size, ok)
			}
		}
	}
}
