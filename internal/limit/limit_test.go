package limit

import (
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func pipe(t *testing.T) (ours, theirs net.Conn) {
	a, b := net.Pipe()
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func open(c net.Conn) bool {
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}

func TestTheMostSilentConnectionMakesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewConns(3)
		var theirs [5]net.Conn
		var ours [5]*Conn
		admit := func(i int) bool {
			a, b := pipe(t)
			c, ok := s.Admit(a)
			ours[i], theirs[i] = c, b
			time.Sleep(time.Second)
			return ok
		}
		for i := range 3 {
			admit(i)
		}
		go theirs[0].Write([]byte("x")) // so that 1 is the oldest
		if _, err := ours[0].Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if !admit(3) || open(theirs[1]) || !open(theirs[0]) || !open(theirs[2]) || !open(theirs[3]) {
			t.Error("not the one that was silent for longest has made way")
		}
		for _, i := range []int{0, 2, 3} {
			ours[i].Busy(true)
		}
		if admit(4) || !open(theirs[0]) || !open(theirs[2]) || !open(theirs[3]) {
			t.Error("one whose client waits for us has made way")
		}
		ours[2].Busy(false)
		if !admit(4) || open(theirs[2]) {
			t.Error("one that is not busy any more has not made way")
		}
		if u := s.Usage(); u != (Usage{Open: 3, Max: 3, Evicted: 2, Refused: 1}) {
			t.Errorf("%+v", u)
		}
		ours[0].Close()
		ours[0].Close()
		ours[1].Close() // closed by this end
		if u := s.Usage(); u.Open != 2 {
			t.Errorf("%+v", u)
		}
	})
}

func TestClientsLeaveMostDescriptorsToTheNode(t *testing.T) {
	for _, n := range []uint64{64, 128, 256, 1024, 4096, 65536, 1 << 20, 0} {
		for _, http := range []int{0, 10, 1 << 30} {
			s := Divide(n, http, 0)
			all := int(n)
			if n == 0 {
				all = 1 << 20
			}
			if s.HTTP < 1 || s.RPC < 1 || s.Gossip < 1 || s.HTTP > all/2 || s.HTTP+s.RPC+s.Gossip+perRun*s.Runs > all {
				t.Errorf("of %d, with %d for HTTP: %+v", n, http, s)
			}
			if (s.Runs == 0) != (n == 0 || n >= 1<<20) {
				t.Errorf("of %d: %+v", n, s)
			}
		}
	}
	for runs, want := range map[int]int{0: 28, 5: 5, 28: 28, 1000: 28} {
		if s := Divide(256, 0, runs); s != (Shares{HTTP: 64, RPC: 32, Gossip: 16, Runs: want}) {
			t.Errorf("%d runs: %+v", runs, s)
		}
	}
	if s := Divide(0, 0, 1000); s.Runs != 1000 {
		t.Errorf("without a limit of descriptors: %+v", s)
	}
}

func TestANodeWithFewDescriptorsWarns(t *testing.T) {
	for n, want := range map[uint64]string{0: "level=DEBUG", 4095: "level=WARN", 4096: "level=DEBUG"} {
		var text strings.Builder
		log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
		Divide(n, 0, 0).Log(log, n)
		if !strings.Contains(text.String(), want) || !strings.Contains(text.String(), "runs=") {
			t.Errorf("%d: %s", n, text.String())
		}
	}
}

func TestBudgets(t *testing.T) {
	b := NewBytes(10)
	if b.Take(6) != nil || b.Take(5) == nil || b.Take(4) != nil || b.Used() != 10 {
		t.Error(b.Used())
	}
	b.Give(10)
	if b.Take(10) != nil {
		t.Error("what was given back can't be taken")
	}
	c := NewClients(2)
	got := []bool{c.Enter("a"), c.Enter("a"), c.Enter("a"), c.Enter("b")}
	if !slices.Equal(got, []bool{true, true, false, true}) {
		t.Error("each client may have two")
	}
	c.Leave("a")
	if !c.Enter("a") {
		t.Error("a place that is free is not given")
	}
}
