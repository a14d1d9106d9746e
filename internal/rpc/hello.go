package rpc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// A connection for Raft begins with a hello from the dialling server and one from the dialled server: a byte that
// begins no Raft request, the length in two bytes, and a message. A server of an older version sends none, and closes a
// connection that begins with one.
const (
	helloByte  = 'D'
	helloLimit = 4096
	helloTime  = 5 * time.Second // for both
)

// RaftHello is what a server says about itself at the start of a connection for Raft.
type RaftHello struct {
	Node    string
	Cluster string
	Refusal string // of an answer: why the connection is refused
	Speaks  string // see compat.Window; empty from a version that announces nothing
}

// Fields describes the wire form.
func (h *RaftHello) Fields(w *codec.Wire) {
	w.String(1, &h.Node)
	w.String(2, &h.Cluster)
	w.String(3, &h.Refusal)
	w.String(4, &h.Speaks)
}

// Gate decides who may speak Raft with this server.
type Gate interface {
	// Hello is what this server says about itself.
	Hello() RaftHello
	// AdmitRaft returns why a server is refused, nil to admit it. old: its version sends no hello.
	AdmitRaft(peer RaftHello, old bool) error
}

// DialServer connects to the Raft of the server of the given name only, whoever is at addr by now. Raft's messages name
// their sender but not their receiver, so a server that has taken over another's address would answer in its place and be
// counted twice.
func (p *Pool) DialServer(ctx context.Context, name, addr string, gate Gate) (net.Conn, error) {
	return p.dialRaft(ctx, name, addr, only{gate, p, ctx, name, addr})
}

// only is a gate that admits just the server that was dialled.
type only struct {
	Gate
	pool       *Pool
	ctx        context.Context // of the dial
	name, addr string
}

// AdmitRaft returns why the server that answers is refused. An old one sends no name and is asked for it.
func (o only) AdmitRaft(peer RaftHello, old bool) error {
	if !old && peer.Node != o.name {
		return fmt.Errorf("server %s answers there instead of %s", peer.Node, o.name)
	}
	if old {
		if err := o.pool.Verify(o.ctx, o.name, o.addr); err != nil {
			return err
		}
	}
	return o.Gate.AdmitRaft(peer, old)
}

// dialRaft connects to a Raft server that gate admits.
func (p *Pool) dialRaft(ctx context.Context, name, addr string, gate Gate) (net.Conn, error) {
	conn, err := p.connect(ctx, name, addr)
	if err != nil {
		return nil, err
	}
	gate = certified{gate, peerOf(conn)}
	answer, err := greet(ctx, conn, gate.Hello())
	switch {
	case err == nil && answer.Refusal != "":
		err = dkron.Error(dkron.ErrForeign, "%s at %s refuses: %s", answer.Node, addr, answer.Refusal)
	case err == nil:
		err = gate.AdmitRaft(*answer, false)
	case errors.Is(err, io.EOF), isReset(err): // as an older version does
		if refused := gate.AdmitRaft(RaftHello{}, true); refused != nil {
			err = fmt.Errorf("%s closed the connection: %w", addr, refused)
			break
		}
		conn.Close()
		return p.connect(ctx, name, addr)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func greet(ctx context.Context, conn net.Conn, hello RaftHello) (*RaftHello, error) {
	limit := time.Now().Add(helloTime)
	if d, ok := ctx.Deadline(); ok && d.Before(limit) {
		limit = d
	}
	if err := conn.SetDeadline(limit); err != nil {
		return nil, err
	}
	if err := writeHello(conn, &hello); err != nil {
		return nil, err
	}
	var mark [1]byte
	if _, err := io.ReadFull(conn, mark[:]); err != nil {
		return nil, err
	}
	if mark[0] != helloByte {
		return nil, errors.New("no server answers there: its first byte is wrong")
	}
	answer, err := readHello(conn)
	if err != nil {
		return nil, err
	}
	return answer, conn.SetDeadline(time.Time{})
}

func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}

func writeHello(w io.Writer, h *RaftHello) error {
	body := codec.Encode(h)
	if len(body) > helloLimit {
		return errors.New("the hello is too long")
	}
	frame := binary.BigEndian.AppendUint16([]byte{helloByte}, uint16(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}

// readHello reads the rest of a hello, after its first byte.
func readHello(r io.Reader) (*RaftHello, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint16(head[:])
	if n > helloLimit {
		return nil, fmt.Errorf("a hello of %d bytes is too long", n)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	h := new(RaftHello)
	return h, codec.Decode(body, h)
}

// answerHello completes the exchange on the dialled side; an error means that the connection must be closed.
func answerHello(conn net.Conn, gate Gate) error {
	peer, err := readHello(conn)
	if err != nil {
		return err
	}
	refusal := gate.AdmitRaft(*peer, false)
	own := gate.Hello()
	if refusal != nil {
		own.Refusal = refusal.Error()
		if len(own.Refusal) > helloLimit/2 {
			own.Refusal = own.Refusal[:helloLimit/2]
		}
	}
	return errors.Join(refusal, writeHello(conn, &own))
}
