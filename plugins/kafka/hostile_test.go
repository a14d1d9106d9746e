package kafka

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

func TestBadBrokersFailInBoundedTimeAndMemory(t *testing.T) {
	wait := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	flood := func(c net.Conn, text string) {
		for chunk := bytes.Repeat([]byte(text), 10_000); ; {
			if _, err := c.Write(chunk); err != nil {
				return
			}
		}
	}
	closed := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}()
	for name, tt := range map[string]struct {
		do   func(net.Conn)
		want string
	}{
		"refuses":            {nil, "connection refused; check brokerAddress, and that the broker runs"},
		"says nothing":       {wait, "timed out after 2 s while connecting to Kafka"},
		"closes":             {func(net.Conn) {}, "check "},
		"resets":             {func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }, "check "},
		"speaks HTTP":        {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); wait(c) }, "does not speak as a broker does"},
		"wants TLS":          {func(c net.Conn) { _, _ = io.WriteString(c, "\x15\x03\x03\x00\x02\x02\x46"); wait(c) }, "whether it wants TLS (tlsEnable)"},
		"floods":             {func(c net.Conn) { flood(c, "garbage ") }, "does not speak as a broker does"},
		"announces 2 GiB":    {func(c net.Conn) { _, _ = c.Write([]byte{0x7f, 0xff, 0xff, 0xff}); flood(c, "x") }, "does not speak as a broker does"},
		"answers with zeros": {func(c net.Conn) { _, _ = c.Write([]byte{0, 0, 1, 0}); flood(c, "\x00") }, "check "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := closed
			if tt.do != nil {
				address = plugintest.Hostile(t, plugintest.Briefly(tt.do))
			}
			begun := time.Now()
			_, resp := execute(t.Context(), started(t), map[string]string{"brokerAddress": address, "topic": "orders", "timeout": "2"})
			if took := time.Since(begun); !strings.Contains(resp.Error, tt.want) || took > time.Minute {
				t.Errorf("%s after %v, want %s", resp.Error, took, tt.want)
			}
		})
	}
}

// The broker answers all but the message.
func TestATimeoutAndAStopEndAtOnce(t *testing.T) {
	c, e := run(t), started(t)
	wake := make(chan struct{})
	t.Cleanup(func() { close(wake) })
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		c.SleepControl(func() { <-wake })
		return nil, nil, false
	})
	_, resp := execute(t.Context(), e, with(at(c), "timeout", "1"))
	if resp.Error != "timed out after 1 s while waiting for the broker to confirm the message, which it may have" || !resp.TimedOut {
		t.Errorf("%+v", resp)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(500*time.Millisecond, func() { cancel(plugin.ErrStopped) })
	begun := time.Now()
	_, resp = execute(ctx, e, with(at(c), "timeout", "0"))
	if took := time.Since(begun); !strings.HasPrefix(resp.Error, "stopped on request while ") || took > time.Minute {
		t.Errorf("%+v after %v", resp, took)
	}
}
