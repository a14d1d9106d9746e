package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron"
)

// target keeps the ids and objects of what it is given.
type target struct {
	mu   sync.Mutex // guards the fields below
	got  []string
	fail error
}

func (x *target) Write(_ context.Context, lines [][]byte) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.fail != nil {
		return x.fail
	}
	for _, line := range lines {
		var f struct{ ID, Object string }
		if err := json.Unmarshal(line, &f); err != nil {
			return err
		}
		x.got = append(x.got, f.ID+" "+f.Object)
	}
	return nil
}

func (*target) Close() {}

func (x *target) has() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]string(nil), x.got...)
}

func (x *target) failWith(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fail = err
}

// counts implements Counter.
type counts struct {
	mu                       sync.Mutex // guards the fields below
	written, failed, dropped int
}

func (c *counts) AuditWritten(_ string, n int) { c.mu.Lock(); c.written += n; c.mu.Unlock() }
func (c *counts) AuditFailed(string)           { c.mu.Lock(); c.failed++; c.mu.Unlock() }
func (c *counts) AuditDropped(_ string, n int) { c.mu.Lock(); c.dropped += n; c.mu.Unlock() }
func (c *counts) failures() int                { c.mu.Lock(); defer c.mu.Unlock(); return c.failed }

// start runs a stream until the test ends, or until stop.
func (s *Stream) start(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(stop)
	return stop
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for began := time.Now(); !done(); time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal(what)
		}
	}
}

func TestATargetGetsEveryNewRecordOnceAlsoAfterItFailedAndAfterARestart(t *testing.T) {
	st, local, dir := openStore(t), openLocal(t, t.TempDir()), t.TempDir()
	defer local.Close()
	add(t, st, record(1, dkron.AuditJob, "before", "ann"))
	x, n := new(target), new(counts)
	s := &Stream{Name: "file", Target: x, Store: st, Local: local, Server: "s1", Dir: dir, Counter: n, Logger: quiet}
	stop := s.start(t)
	await(t, "the place is saved", func() bool { _, err := os.Stat(s.path()); return err == nil })
	add(t, st, record(2, dkron.AuditJob, "one", "ann"))
	await(t, "one", func() bool { return len(x.has()) == 1 })
	x.failWith(errors.New("full"))
	add(t, st, record(3, dkron.AuditLaunch, "two.1", "ann"))
	local.Did(refused("10.0.0.1", "x"))
	await(t, "a failure", func() bool { return n.failures() > 0 })
	stop()
	x.failWith(nil)
	add(t, st, record(4, dkron.AuditJob, "three", "ann"))
	s.start(t)
	await(t, "the rest", func() bool { return len(x.has()) >= 4 })
	if got := strings.Join(x.has(), ", "); got != "c2 one, c3 three, w1 two.1, s1/1 " {
		t.Error(got)
	}
}

func TestRecordsThatAreGoneBeforeATargetTookThemAreCounted(t *testing.T) {
	n := new(counts)
	s := &Stream{Name: "file", Counter: n, Logger: quiet}
	for _, c := range []struct{ number, first, next, want uint64 }{{5, 1, 9, 5}, {5, 8, 9, 8}, {9, 1, 9, 9}, {20, 1, 9, 1}} {
		if got := s.skip(c.number, c.first, c.next); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	if n.dropped != 3 {
		t.Errorf("%d are counted", n.dropped)
	}
}

func TestAFileIsOpenedAnewAfterItWasRenamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	f := &File{Path: path}
	defer f.Close()
	write := func(text string) {
		t.Helper()
		if err := f.Write(t.Context(), [][]byte{[]byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write("two")
	old, _ := os.ReadFile(path + ".1")
	fresh, _ := os.ReadFile(path)
	if string(old) != "one\n" || string(fresh) != "two\n" {
		t.Errorf("%q, %q", old, fresh)
	}
}

func TestSyslogGetsWholeMessages(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	messages := make(chan string, 10)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for in := bufio.NewReader(conn); ; {
			size, err := in.ReadString(' ')
			if err != nil {
				return
			}
			n, _ := strconv.Atoi(strings.TrimSpace(size))
			text := make([]byte, n)
			if _, err := io.ReadFull(in, text); err != nil {
				return
			}
			messages <- string(text)
		}
	}()
	s, err := NewSyslog("tcp://"+l.Addr().String(), "srv 1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Write(t.Context(), [][]byte{[]byte(`{"id":"c1"}`), []byte(`{"id":"c2"}`)}); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if m := <-messages; !strings.HasPrefix(m, "<109>1 ") || !strings.HasSuffix(m, fmt.Sprintf(` srv_1 dkron - audit - {"id":"c%d"}`, i+1)) {
			t.Errorf("%q", m)
		}
	}
}

func TestAnAddressOfSyslogThatIsNoneIsRefused(t *testing.T) {
	for _, address := range []string{"logs.example.com", "http://x", "udp://", "tcp://x/path", "unix://host/x", "unix://", "tls://u@x", "%"} {
		if _, err := NewSyslog(address, "s1"); err == nil {
			t.Errorf("%s is taken", address)
		}
	}
	for address, want := range map[string]string{"udp://x": "udp x:514", "tls://x": "tcp x:6514", "tcp://[::1]:99": "tcp [::1]:99", "unix:///dev/log": "unix /dev/log"} {
		if s, err := NewSyslog(address, "s1"); err != nil || s.network+" "+s.address != want {
			t.Errorf("%s: %+v, %v", address, s, err)
		}
	}
}
