package rpc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func dial1(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(limit) {
			t.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// closedByPeer reports whether the peer closes c within limit.
func closedByPeer(c net.Conn, limit time.Duration) bool {
	c.SetReadDeadline(time.Now().Add(limit))
	_, err := io.Copy(io.Discard, c)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func TestFirstByteSeparatesRaftFromTheRest(t *testing.T) {
	s, addr := serve(t, new(fake), false)
	c := client(t, addr)
	for first := range 256 {
		conn := dial1(t, addr)
		said := append([]byte{byte(first)}, "hello raft"...)
		if _, err := conn.Write(said); err != nil {
			t.Fatal(err)
		}
		switch {
		case first <= 4:
			got, err := s.mux.raft.Accept()
			if err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, len(said))
			if _, err := io.ReadFull(got, buf); err != nil || !bytes.Equal(buf, said) {
				t.Errorf("raft reads %q, %v", buf, err)
			}
			if _, err := got.Write([]byte("back")); err != nil {
				t.Error(err)
			}
			if _, err := io.ReadFull(conn, buf[:4]); err != nil || string(buf[:4]) != "back" {
				t.Errorf("raft's answer: %q, %v", buf[:4], err)
			}
			got.Close()
		default:
			limit := identifyTimeout / 2
			if first == 'P' { // treated as HTTP/2 until the handshake times out
				limit = 2 * identifyTimeout
			}
			if !closedByPeer(conn, limit) {
				t.Errorf("a connection that begins with %#x stays open", first)
			}
		}
		conn.Close()
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestRaftBytesThatComeOneByOneAreWhole(t *testing.T) {
	s, addr := serve(t, new(fake), false)
	conn := dial1(t, addr)
	go func() {
		for i := range 5 {
			fmt.Fprintf(conn, "%c", i)
		}
		conn.Close()
	}()
	got, err := s.mux.raft.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if all, err := io.ReadAll(got); err != nil || string(all) != "\x00\x01\x02\x03\x04" {
		t.Fatalf("%q, %v", all, err)
	}
}

func TestMuteConnectionsAreClosedAndHinderNobody(t *testing.T) {
	s, addr := serve(t, new(fake), false)
	c := client(t, addr)
	var mute []net.Conn
	for range 200 {
		mute = append(mute, dial1(t, addr))
	}
	until(t, "they are accepted", func() bool { return s.Connections().Open >= len(mute) })
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("with 200 silent connections: %v", err)
	}
	// A client that begins HTTP/2 and stops.
	slow := dial1(t, addr)
	if _, err := slow.Write([]byte("PRI * HT")); err != nil {
		t.Fatal(err)
	}
	for _, m := range append(mute, slow) {
		if !closedByPeer(m, 2*identifyTimeout) {
			t.Fatal("a silent connection stays open")
		}
	}
	until(t, "their places are free", func() bool { return s.Connections().Open <= 1 })
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestSilentConnectionsMakeWayForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		m := newMux(l, 3, nil, quiet)
		done := make(chan struct{})
		go func() { m.run(nobody{}); close(done) }()
		peer := l.dial()
		if _, err := peer.Write([]byte{0}); err != nil {
			t.Fatal(err)
		}
		got, err := m.raft.Accept()
		if err != nil {
			t.Fatal(err)
		}
		for range 300 { // silent outsiders, more than the port takes, none of which hangs up
			time.Sleep(time.Millisecond)
			go peer.Write([]byte{1})
			if _, err := io.ReadFull(got, make([]byte, 1)); err != nil {
				t.Fatalf("the peer's connection ended: %v", err)
			}
			l.dial()
			synctest.Wait()
		}
		if u := m.conns.Usage(); u.Open > 3 || u.Evicted != 298 || u.Refused != 0 {
			t.Errorf("%+v", u)
		}
		m.close()
		got.Close()
		<-done
		synctest.Wait()
		if u := m.conns.Usage(); u.Open != 0 {
			t.Errorf("%+v are left", u)
		}
	})
}

func TestRaftConnectionToAnAgentIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		m := newMux(l, 100, nil, quiet)
		go m.run(nobody{})
		defer m.close()
		conn := l.dial()
		if _, err := conn.Write([]byte{0}); err != nil {
			t.Fatal(err)
		}
		if !closedByPeer(conn, 2*identifyTimeout) {
			t.Error("an agent keeps a Raft connection open")
		}
	})
}

func TestListenerThatFailsForAWhileIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		l.fail = 3
		m := newMux(l, 100, nil, quiet)
		done := make(chan struct{})
		go func() { m.run(nobody{}); close(done) }()
		conn := l.dial()
		go conn.Write([]byte{1})
		got, err := m.raft.Accept()
		if err != nil {
			t.Fatal(err)
		}
		got.Close()
		m.close()
		<-done
	})
}

// pipes is a listener in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	fail  int
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	a, b := net.Pipe()
	p.conns <- a
	return b
}

func (p *pipes) Accept() (net.Conn, error) {
	if p.fail > 0 {
		p.fail--
		return nil, errors.New("too many open files")
	}
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
