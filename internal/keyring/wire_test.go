package keyring

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "messages among nodes about keys of gossip",
		Types:   []codec.Message{new(Request), new(Report), new(NodeKeys), new(Change), new(Keys)},
	}.Check(t)
}
