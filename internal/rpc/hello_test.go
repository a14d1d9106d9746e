package rpc

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"dkron"
	"dkron/internal/compat"
)

// member is a node of a cluster.
type member struct {
	cluster string
	met     chan string
}

func of(cluster string) member { return member{cluster, make(chan string, 16)} }

func (m member) Cluster() string { return m.cluster }

func (m member) Meet(_, who, cluster string) error {
	if m.cluster != "" && cluster != "" && m.cluster != cluster {
		m.met <- who
		return dkron.Error(dkron.ErrForeign, "another cluster")
	}
	return nil
}

func (m member) Speak(_, who string, w compat.Window) error { return w.Check(who) }

func (m member) Hello() RaftHello { return RaftHello{Node: "n-" + m.cluster, Cluster: m.cluster} }

func (m member) AdmitRaft(peer RaftHello, old bool) error {
	if old && m.cluster != "" {
		return dkron.Error(dkron.ErrForeign, "an older version")
	}
	return m.Meet("raft", peer.Node, peer.Cluster)
}

// raftOf accepts Raft connections through a gate and echoes each byte.
func raftOf(t *testing.T, gate Door) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := newMux(l, 100, nil, quiet)
	go m.run(gate)
	t.Cleanup(m.close)
	go func() {
		for {
			c, err := m.raft.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	return l.Addr().String()
}

func speak(t *testing.T, c net.Conn) {
	t.Helper()
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Write([]byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 3)
	if _, err := io.ReadFull(c, got); err != nil || got[0] != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestServersOfOneClusterSpeakRaft(t *testing.T) {
	for _, c := range [][2]string{{"x", "x"}, {"x", ""}, {"", "x"}, {"", ""}} {
		conn, err := dialRaft(t.Context(), raftOf(t, of(c[1])), of(c[0]))
		if err != nil {
			t.Errorf("%q to %q: %v", c[0], c[1], err)
			continue
		}
		speak(t, conn)
	}
}

func TestRaftOfAnotherClusterIsRefusedByName(t *testing.T) {
	own, other := of("x"), of("y")
	_, err := dialRaft(t.Context(), raftOf(t, other), own)
	if !errors.Is(err, dkron.ErrForeign) {
		t.Fatalf("the dialler got %v", err)
	}
	if who := <-other.met; who != "n-x" {
		t.Errorf("the dialled server met %s", who)
	}
}

func TestServersOfAnOlderVersionSpeakRaftOnlyBeforeThereIsAnId(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // an older version: closes what begins with an unknown byte
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			first := make([]byte, 1)
			if _, err := c.Read(first); err != nil || first[0] > 4 {
				c.Close()
				continue
			}
			go func() { _, _ = c.Write(first); _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	conn, err := dialRaft(t.Context(), l.Addr().String(), of(""))
	if err != nil {
		t.Fatal(err)
	}
	speak(t, conn)
	if _, err := dialRaft(t.Context(), l.Addr().String(), of("x")); !errors.Is(err, dkron.ErrForeign) {
		t.Errorf("with an id: %v", err)
	}
	for cluster, want := range map[string]bool{"": true, "x": false} {
		c, err := net.Dial("tcp", raftOf(t, of(cluster)))
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = c.Write([]byte{0})
		n, _ := c.Read(make([]byte, 1))
		if (n == 1) != want {
			t.Errorf("an old server is served by one of cluster %q: %v", cluster, n == 1)
		}
		c.Close()
	}
}

func TestAHelloThatIsWrongEndsTheConnection(t *testing.T) {
	addr := raftOf(t, of("x"))
	for _, bytes := range [][]byte{{helloByte, 0xff, 0xff}, {helloByte, 0, 3, 0xff, 0xff, 0xff}} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = c.Write(bytes)
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%x: %v", bytes, err)
		}
		c.Close()
	}
}

// dialRaft connects to any server at addr.
func dialRaft(ctx context.Context, addr string, gate Gate) (net.Conn, error) {
	return NewPool(nobody{}, nil).dialRaft(ctx, "", addr, gate)
}
