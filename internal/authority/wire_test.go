package authority

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "messages among nodes about certificates",
		Types: []codec.Message{
			new(Trust), new(TrustRequest), new(EnrolRequest), new(EnrolReply), new(ExpelRequest), new(ExpelReply), new(Certificate), new(Certificates),
		},
	}.Check(t)
}
