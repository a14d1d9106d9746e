package nats

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

const hello = `INFO {"server_id":"x","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576}` + "\r\n"

// greet behaves until the connection is established.
func greet(c net.Conn) *bufio.Reader {
	_, _ = io.WriteString(c, hello)
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil || strings.HasPrefix(line, "PING") {
			_, _ = io.WriteString(c, "PONG\r\n")
			return r
		}
	}
}

func flood(c net.Conn, text string) {
	chunk := bytes.Repeat([]byte(text), 100_000/len(text))
	for {
		if _, err := c.Write(chunk); err != nil {
			return
		}
	}
}

func TestBadServersFailInBoundedTimeAndMemory(t *testing.T) {
	wait := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for name, tt := range map[string]struct {
		do   func(net.Conn)
		want string
		more []string
	}{
		"says nothing":              {wait, "the server accepted the connection and said nothing for 5 s", nil},
		"closes":                    {func(net.Conn) {}, "error connecting to NATS: EOF", nil},
		"resets":                    {func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }, "error connecting to NATS: ", nil},
		"speaks HTTP":               {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); wait(c) }, "what listens there is no NATS server", nil},
		"floods":                    {func(c net.Conn) { flood(c, "garbage ") }, "the server sends data without end; check that url", nil},
		"floods after its name":     {func(c net.Conn) { _, _ = io.WriteString(c, "INFO "); flood(c, "x") }, "the server sends data without end; check that url", nil},
		"describes itself wrongly":  {func(c net.Conn) { _, _ = io.WriteString(c, "INFO {]\r\n"); wait(c) }, "error connecting to NATS: ", nil},
		"confirms nothing":          {func(c net.Conn) { greet(c); wait(c) }, "timed out after 1 s while waiting for the server to confirm the message, which it may have", []string{"timeout", "1"}},
		"reads nothing":             {func(c net.Conn) { greet(c); select {} }, "timed out after 1 s while", []string{"timeout", "1", "message", strings.Repeat("x", 1<<20-100)}},
		"closes before it confirms": {func(c net.Conn) { greet(c) }, "the connection broke before the ", nil},
		"answers garbage":           {func(c net.Conn) { _, _ = greet(c).ReadString('\n'); flood(c, "garbage ") }, "connection", nil},
		"answers without end":       {func(c net.Conn) { _, _ = greet(c).ReadString('\n'); _, _ = io.WriteString(c, "INFO "); flood(c, "x") }, "connection", nil},
		"promises an endless answer": {func(c net.Conn) {
			_, _ = greet(c).ReadString('\n')
			_, _ = io.WriteString(c, "MSG a 1 999999999999\r\n")
			flood(c, "x")
		}, "connection", []string{"reply", "true"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := with(map[string]string{"url": "nats://" + plugintest.Hostile(t, plugintest.Briefly(tt.do)), "subject": "a", "timeout": "60"}, tt.more...)
			begun := time.Now()
			_, resp := execute(t.Context(), started(t), config)
			if !strings.Contains(resp.Error, tt.want) {
				t.Errorf("%s, want %s", resp.Error, tt.want)
			}
			if took := time.Since(begun); took > 50*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Cleanup(func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.Sys > 1<<30 {
			t.Errorf("%d MiB of memory", m.Sys>>20)
		}
	})
}

func TestAStopEndsAtOnceWhateverTheServerDoes(t *testing.T) {
	for name, do := range map[string]func(net.Conn){
		"says nothing": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "reads nothing": func(c net.Conn) { greet(c); select {} },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(200*time.Millisecond, func() { cancel(plugin.ErrStopped) })
		begun := time.Now()
		_, resp := execute(ctx, started(t), map[string]string{"url": "nats://" + plugintest.Hostile(t, plugintest.Briefly(do)), "subject": "a", "timeout": "0", "message": strings.Repeat("x", 1<<20-100)})
		if took := time.Since(begun); !strings.HasPrefix(resp.Error, "stopped on request while ") || took > time.Minute {
			t.Errorf("%s: %s after %v", name, resp.Error, took)
		}
	}
}

// A connection whose server has gone silent is not used by the executions that come.
func TestASilentConnectionIsReplaced(t *testing.T) {
	conns := make(chan struct{}, 10)
	url := "nats://" + plugintest.Hostile(t, plugintest.Briefly(func(c net.Conn) {
		conns <- struct{}{}
		r := greet(c)
		_, _ = io.Copy(io.Discard, r)
	}))
	e := started(t)
	for range 2 {
		if _, resp := execute(t.Context(), e, map[string]string{"url": url, "subject": "a", "timeout": "1"}); !resp.TimedOut {
			t.Errorf("%+v", resp)
		}
	}
	if len(conns) != 2 {
		t.Errorf("%d connections", len(conns))
	}
}
