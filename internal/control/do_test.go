package control

import (
	"errors"
	"testing"

	"dkron"
	"dkron/internal/request"
)

func TestEveryRequestHasItsHandler(t *testing.T) {
	handlers := New(Config{}).handlers
	for k := range request.Kinds() {
		if handlers[k.Name] == nil {
			t.Errorf("%s has no handler: write one and add it to handle, in do.go", k.Name)
		}
		delete(handlers, k.Name)
	}
	for name := range handlers {
		t.Errorf("%s has a handler and no row in package request", name)
	}
}

type unknown struct{ request.ReadIndex }

func (*unknown) Name() string { return "Unknown" }

func TestAnUnknownRequestIsRefused(t *testing.T) {
	reply, _, err := New(Config{}).Do(t.Context(), new(unknown))
	if reply != nil || !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("%v, %v", reply, err)
	}
}
