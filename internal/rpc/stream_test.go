package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"testing"
	"time"

	"dkron"
	"dkron/internal/porttest"
)

func TestUnreachableNodeIsUnavailableSoon(t *testing.T) {
	began := time.Now()
	_, err := client(t, porttest.Addr(t)).Status(t.Context())
	if !errors.Is(err, dkron.ErrUnavailable) || !errors.Is(err, ErrUnreachable) || time.Since(began) > 15*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestANodeThatTakesConnectionsAndSaysNothingIsUnreachableInTime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	pool := NewPatientPool(300*time.Millisecond, nil)
	defer pool.Close()
	c, err := pool.Client(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := c.Leave(t.Context()); !errors.Is(err, ErrUnreachable) || time.Since(began) > 15*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestACallUnderWayIsAnsweredWhenTheServerCloses(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	f := &fake{leave: func() { close(asked); <-answer }}
	s, addr := serve(t, f, true)
	c := client(t, addr)
	got := make(chan error, 1)
	go func() {
		_, err := c.Leave(t.Context())
		got <- err
	}()
	<-asked
	close(answer)
	s.Close()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestStreamCarriesOrdersAndReportsBothWays(t *testing.T) {
	order := dkron.ToNode{Term: 3, Leader: "n1", SentAt: time.Unix(1, 2).UTC(), Orders: []dkron.Order{{JobName: "job"}}}
	report := dkron.FromNode{Term: 3, Results: []dkron.Result{{JobName: "job", Output: make([]byte, 8<<20)}}} // over gRPC's own limit
	ended := make(chan error, 1)
	f := &fake{attach: func(ctx context.Context, link NodeLink) error {
		for {
			m, err := link.Recv()
			if err != nil {
				ended <- err
				return ctx.Err()
			}
			if !reflect.DeepEqual(*m, order) {
				return fmt.Errorf("got %+v", m)
			}
			if err := link.Send(&report); err != nil {
				return err
			}
		}
	}}
	_, addr := serve(t, f, false)
	ctx, cancel := context.WithCancel(t.Context())
	link, err := NewPool(nobody{}, nil).Attach(ctx, "fake", addr)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := link.Send(&order); err != nil {
			t.Fatal(err)
		}
		m, err := link.Recv()
		if err != nil || !reflect.DeepEqual(*m, report) {
			t.Fatalf("%v", err)
		}
	}
	cancel()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("no error")
		}
	case <-time.After(time.Minute):
		t.Error("the node's end still runs after the leader's context has ended")
	}
	if _, err := link.Recv(); err == nil {
		t.Error("the leader's end still runs")
	}
}

func TestAnAnswerInPartsArrivesAsItIsSentAndEndsWithItsClient(t *testing.T) {
	next := make(chan struct{})
	ended := make(chan error, 1)
	f := &fake{serve: func(ctx context.Context, send func(*HTTPPart) error) error {
		for {
			select {
			case <-next:
				if err := send(&aPart); err != nil {
					return err
				}
			case <-ctx.Done():
				ended <- ctx.Err()
				return ctx.Err()
			}
		}
	}}
	_, addr := serve(t, f, false)
	ctx, cancel := context.WithCancel(t.Context())
	a, err := client(t, addr).HTTP(ctx, new(HTTPRequest))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		next <- struct{}{}
		if p, err := a.Recv(); err != nil || !reflect.DeepEqual(*p, aPart) {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := a.Recv(); err == nil || err == io.EOF {
		t.Errorf("a cancelled answer ends with %v", err)
	}
}

func TestAnAnswerThatBreaksOffDoesNotLookWhole(t *testing.T) {
	f := &fake{serve: func(_ context.Context, send func(*HTTPPart) error) error {
		if err := send(&aPart); err != nil {
			return err
		}
		panic("aborted")
	}}
	_, addr := serve(t, f, false)
	a, err := client(t, addr).HTTP(t.Context(), new(HTTPRequest))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parts(a); len(got) != 1 || !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("%d parts, %v", len(got), err)
	}
}

func TestCloseEndsStreamsAndUnnamedConnections(t *testing.T) {
	attached := make(chan struct{})
	ended := make(chan struct{})
	f := &fake{attach: func(ctx context.Context, _ NodeLink) error {
		close(attached)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}}
	s, addr := serve(t, f, false)
	mute := dial1(t, addr)
	if _, err := NewPool(nobody{}, nil).Attach(t.Context(), "fake", addr); err != nil {
		t.Fatal(err)
	}
	<-attached
	until(t, "the mute connection is accepted", func() bool { return s.Connections().Open == 2 })
	began := time.Now()
	s.Close()
	<-ended
	if !closedByPeer(mute, time.Second) {
		t.Error("a silent connection is still open")
	}
	until(t, "nothing remains", func() bool { return s.Connections().Open == 0 })
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("it took %s", d)
	}
}
