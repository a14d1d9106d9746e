package dispatch

import (
	"context"
	"errors"
	"io"
	"testing"

	"dkron"
)

func TestALoopCarriesCopiesBothWaysUntilEitherEndGoes(t *testing.T) {
	served := make(chan NodeEnd)
	release := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := NewLoop(ctx, func(_ context.Context, end NodeEnd) error {
		served <- end
		<-release
		return nil
	})
	node := <-served
	order := &dkron.ToNode{Term: 7}
	go func() { _ = s.Send(order) }()
	if got, err := node.Recv(); err != nil || got == order || got.Term != 7 {
		t.Errorf("%+v, %v", got, err)
	}
	news := &dkron.FromNode{Draining: true}
	go func() { _ = node.Send(news) }()
	if got, err := s.Recv(); err != nil || got == news || !got.Draining {
		t.Errorf("%+v, %v", got, err)
	}
	close(release)
	if _, err := s.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("after the node has gone: %v", err)
	}
	cancel()
	if _, err := node.Recv(); err == nil {
		t.Error("the node waits for a leader that has gone")
	}
}
