package gossip

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/internal/porttest"
	"dkron/internal/roster"
)

func TestJoinedNodesSeeEachOtherWithTheirTags(t *testing.T) {
	a := start(t, "a", func(c *Config) { c.Tags = map[string]string{"role": "dkron"} })
	b := start(t, "b")
	b.join(t, a)
	eventually(t, "a sees b", func() bool { return a.status("b") == roster.Alive && a.has("b joined") })
	m := b.member(t, "a")
	if m.Tags["role"] != "dkron" || net.JoinHostPort(m.Addr, fmt.Sprint(m.Port)) != a.cfg.BindAddr {
		t.Errorf("b sees %+v", m)
	}
	text, _ := json.Marshal(a.LocalMember())
	want := `"Status":1,"ProtocolMin":1,"ProtocolMax":5,"ProtocolCur":2,"DelegateMin":2,"DelegateMax":5,"DelegateCur":4}`
	if !strings.HasSuffix(string(text), want) {
		t.Errorf("member is %s", text)
	}
	eventually(t, "the handler is told", func() bool { b.history.mu.Lock(); defer b.history.mu.Unlock(); return b.hints == len(b.Members()) })
}

func TestStatsHaveTheKeysOfTheStatusObject(t *testing.T) {
	a := start(t, "a")
	for _, k := range strings.Fields("coordinate_resets encrypted event_queue event_time failed health_score " +
		"intent_queue left member_time members query_queue query_time") {
		if _, ok := a.Stats()[k]; !ok {
			t.Errorf("%s is missing", k)
		}
	}
}

func TestTagsCanChange(t *testing.T) {
	a, b := start(t, "a"), start(t, "b")
	b.join(t, a)
	eventually(t, "a sees b", func() bool { return a.status("b") == roster.Alive })
	if err := b.SetTags(map[string]string{"x": "2"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a sees b's tag", func() bool {
		return a.has("b updated") && slices.ContainsFunc(a.Members(), func(m Member) bool { return m.Tags["x"] == "2" })
	})
	if err := b.SetTags(map[string]string{"x": strings.Repeat("y", 600)}); err == nil || !strings.Contains(err.Error(), "--tag") {
		t.Errorf("too long tags: %v", err)
	}
}

func TestStoppedNodeIsFailedAndLeftNodeIsLeft(t *testing.T) {
	a, b, c := start(t, "a"), start(t, "b"), start(t, "c")
	b.join(t, a)
	c.join(t, a)
	eventually(t, "a sees both", func() bool { return a.status("b") == roster.Alive && a.status("c") == roster.Alive })
	begin := time.Now()
	_ = b.Close()
	eventually(t, "b is failed", func() bool { return a.has("b failed") && a.status("b") == roster.Failed })
	if d := time.Since(begin); d > 10*time.Second {
		t.Errorf("failure reported after %v", d)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Leave(ctx); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	eventually(t, "c has left", func() bool { return a.has("c left") && a.status("c") == roster.Left })
	if a.has("c failed") {
		t.Error("a node that left was reported as failed")
	}
	if err, ok := <-c.Done(); ok {
		t.Errorf("a clean end has a reason: %v", err)
	}
}

func TestRestartedNodeFindsItsPeersAgain(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		t.Run(fmt.Sprintf("leaves %v", leaves), func(t *testing.T) {
			dir := t.TempDir()
			a := start(t, "a")
			b := start(t, "b", func(c *Config) { c.SnapshotPath = filepath.Join(dir, "new", "snapshot") })
			b.join(t, a)
			eventually(t, "a sees b", func() bool { return a.status("b") == roster.Alive && b.has("a joined") })
			if leaves {
				if err := b.Leave(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			_ = b.Close()
			b.restart(t)
			eventually(t, "b sees a", func() bool { return b.status("a") == roster.Alive && a.status("b") == roster.Alive })
		})
	}
}

func TestPeersThatStartLaterAreFoundToo(t *testing.T) {
	dir := t.TempDir()
	a := start(t, "a")
	b := start(t, "b", func(c *Config) { c.SnapshotPath = filepath.Join(dir, "snapshot") })
	b.join(t, a)
	eventually(t, "b sees a", func() bool { return b.has("a joined") })
	_ = b.Close()
	_ = a.Close()
	said := new(notes)
	b.cfg.Logger = slog.New(slog.NewTextHandler(said, nil))
	b.restart(t)
	eventually(t, "serf itself has given up", func() bool { return said.has("none of the peers from before the restart answers yet") })
	a.restart(t)
	eventually(t, "b sees a", func() bool { return b.status("a") == roster.Alive })
}

func TestSecondNodeOfANameEndsAndTheFirstStays(t *testing.T) {
	for _, through := range []string{"the node itself", "a third node"} {
		t.Run(through, func(t *testing.T) {
			first, third := start(t, "same"), start(t, "third")
			third.join(t, first)
			eventually(t, "third sees first", func() bool { return first.status("third") == roster.Alive })
			door := map[string]*node{"the node itself": first, "a third node": third}[through]

			second := start(t, "same")
			_, err := second.Join([]string{door.cfg.BindAddr})
			var conflict *ConflictError
			if !errors.As(err, &conflict) {
				t.Fatalf("join: %v", err)
			}
			if conflict.Other != first.cfg.BindAddr || !strings.Contains(err.Error(), "--node-name") {
				t.Errorf("message %q", err)
			}
			select {
			case err := <-second.Done():
				if !errors.As(err, &conflict) {
					t.Errorf("done: %v", err)
				}
			case <-time.After(time.Minute):
				t.Error("the second keeps running")
			}
			first.news(t, third)
			third.news(t, first)
			if third.status("same") != roster.Alive || first.status("third") != roster.Alive {
				t.Error("the first was harmed")
			}
			select {
			case err := <-first.Done():
				t.Errorf("the first ends: %v", err)
			default:
			}
		})
	}
}

func TestTwoNewcomersOfANameLeaveOne(t *testing.T) {
	x, y := start(t, "x", talkative), start(t, "y", talkative)
	y.join(t, x)
	one, two := start(t, "same", talkative), start(t, "same", talkative)
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = one.Join([]string{x.cfg.BindAddr}) })
	wg.Go(func() { _, _ = two.Join([]string{y.cfg.BindAddr}) })
	wg.Wait()
	ended := func(n *node) bool {
		select {
		case <-n.stop:
			return true
		default:
			return false
		}
	}
	eventually(t, "one of them ends", func() bool { return ended(one) || ended(two) })
	left := one
	if ended(one) {
		left = two
	}
	left.settling.Lock() // it may have begun to look who the other is
	defer left.settling.Unlock()
	left.news(t, x)
	left.news(t, y)
	if ended(one) && ended(two) {
		t.Error("both have ended")
	}
}

func TestNameOfALostNodeCanBeTakenElsewhere(t *testing.T) {
	a, lost := start(t, "a", talkative), start(t, "same", talkative)
	lost.join(t, a)
	eventually(t, "a sees it", func() bool { return a.status("same") == roster.Alive })
	_ = lost.Close() // its host is gone; it comes back under another address, before or after it is known to be lost
	back := start(t, "same", talkative)
	if _, err := back.Join([]string{a.cfg.BindAddr}); err != nil {
		t.Fatal(err)
	}
	// Until it counts as failed, reclaimAfter, and the next exchange of state.
	within(t, 45*time.Second, "a sees it elsewhere", func() bool { return a.at(back) })
}

func TestWrongKeyIsReported(t *testing.T) {
	key := func(b byte) func(*Config) {
		return func(c *Config) { c.EncryptKeys = [][]byte{[]byte(strings.Repeat(string(b), 32))} }
	}
	a := start(t, "a", key('1'))
	for name, change := range map[string][]func(*Config){"other key": {key('2')}, "no key": nil} {
		b := start(t, "b", change...)
		if _, err := b.Join([]string{a.cfg.BindAddr}); err == nil || !strings.Contains(err.Error(), "--encrypt") {
			t.Errorf("%s: %v", name, err)
		}
	}
	plain, c := start(t, "plain"), start(t, "c", key('1'))
	if _, err := c.Join([]string{plain.cfg.BindAddr}); err == nil || !strings.Contains(err.Error(), "--encrypt") {
		t.Errorf("key to none: %v", err)
	}
	c.join(t, a)
	both := start(t, "both", func(c *Config) {
		c.EncryptKeys = [][]byte{[]byte(strings.Repeat("2", 32)), []byte(strings.Repeat("1", 32))}
	})
	_ = both // a node with both keys understands the old one; the others must have the new one to understand it
	if _, err := Open(Config{NodeName: "x", BindAddr: porttest.Addr(t), EncryptKeys: [][]byte{[]byte("short")}}); err == nil {
		t.Error("a short key is accepted")
	}
}

func TestPortInUseIsReported(t *testing.T) {
	a := start(t, "a")
	_, err := Open(Config{NodeName: "b", BindAddr: a.cfg.BindAddr})
	if err == nil || !strings.Contains(err.Error(), a.cfg.BindAddr) || !strings.Contains(err.Error(), "--bind-addr") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(Config{NodeName: "b", BindAddr: porttest.Addr(t), Profile: "moon"}); err == nil || err.Error() != "unknown profile: moon" {
		t.Errorf("error %v", err)
	}
}

func TestGarbageOnThePortChangesNothing(t *testing.T) {
	a, b := start(t, "a"), start(t, "b")
	b.join(t, a)
	eventually(t, "a sees b", func() bool { return a.status("b") == roster.Alive })
	for i := range 256 {
		text := append([]byte{byte(i)}, "GET / HTTP/1.1\r\n\r\n\x00\xff\xfe{}"...)
		if c, err := net.Dial("tcp", a.cfg.BindAddr); err == nil {
			_, _ = c.Write(text)
			_ = c.Close()
		}
		if c, err := net.Dial("udp", a.cfg.BindAddr); err == nil {
			_, _ = c.Write(text)
			_ = c.Close()
		}
	}
	a.news(t, b)
	b.news(t, a)
	if a.status("b") != roster.Alive || b.status("a") != roster.Alive || len(a.Members()) != 2 {
		t.Errorf("members %+v", a.Members())
	}
}

func TestRetryJoin(t *testing.T) {
	a, b := start(t, "a"), start(t, "b")
	later := porttest.Addr(t)
	list := func(addrs ...string) func() []string { return func() []string { return addrs } }

	err := b.RetryJoin(t.Context(), list("provider=aws tag_key=x"), time.Millisecond, 0)
	if err == nil || !strings.Contains(err.Error(), "discover helper") {
		t.Errorf("provider: %v", err)
	}
	if err := b.RetryJoin(t.Context(), list(later), time.Millisecond, 2); err == nil || !strings.Contains(err.Error(), "3 attempts") ||
		!strings.Contains(err.Error(), "refused") {
		t.Errorf("given up: %v", err)
	}
	if err := b.RetryJoin(t.Context(), list(b.cfg.BindAddr), time.Millisecond, 1); err != nil {
		t.Errorf("only this node is named: %v", err)
	}
	if err := b.RetryJoin(t.Context(), list(b.cfg.BindAddr, later), time.Millisecond, 1); err == nil {
		t.Error("only this node has answered, and that counts")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := b.RetryJoin(ctx, list(), time.Millisecond, 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no addresses: %v", err)
	}
	calls := 0
	resolve := func() []string {
		if calls++; calls < 3 {
			return []string{later}
		}
		return []string{a.cfg.BindAddr, b.cfg.BindAddr}
	}
	if err := b.RetryJoin(t.Context(), resolve, time.Millisecond, 0); err != nil || b.others() != 1 {
		t.Errorf("third attempt: %v", err)
	}
}

func TestSlowHandlerDoesNotHoldGossipUp(t *testing.T) {
	release := make(chan struct{})
	a := start(t, "a", func(c *Config) { c.OnEvent = func(Event) { <-release } })
	for i := range 3 {
		start(t, fmt.Sprintf("n%d", i)).join(t, a)
	}
	eventually(t, "a sees all", func() bool { return len(a.Members()) == 4 })
	close(release)
}

func TestQueueKeepsOrderAndTheNewestOfEachMember(t *testing.T) {
	q := newQueue(10)
	for i := range 100 {
		q.put(Event{Kind: Kind(1 + i%5), Member: Member{Name: fmt.Sprint(i % 4), Port: i}})
	}
	last := map[string]int{}
	previous := -1
	events := q.take()
	if len(events) > 10 {
		t.Errorf("%d events are kept", len(events))
	}
	for _, e := range events {
		if e.Member.Port <= previous {
			t.Errorf("%d after %d", e.Member.Port, previous)
		}
		previous = e.Member.Port
		last[e.Member.Name] = e.Member.Port
	}
	for i := 96; i < 100; i++ {
		if last[fmt.Sprint(i%4)] != i {
			t.Errorf("the newest of member %d is %d", i%4, last[fmt.Sprint(i%4)])
		}
	}
}

func TestLogLevelsAreTakenOver(t *testing.T) {
	var b strings.Builder
	l := newLogger(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for _, line := range []string{"[ERR] serf: one", "[DEBUG] memberlist: two", "three", "[odd] four"} {
		l.Print(line)
	}
	for _, want := range []string{"level=ERROR msg=one part=serf", "level=DEBUG msg=two part=memberlist",
		"level=INFO msg=three part=gossip", `level=INFO msg="[odd] four" part=gossip`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
