package pluginwire

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "messages of plugins",
		Types: []codec.Message{
			new(ExecuteRequest), new(ExecuteResponse), new(ExitCode), new(Usage), new(StatusUpdate), new(StatusUpdated), new(Nothing), new(Description),
			new(Configuration), new(Problems), new(Problem), new(ToPlugin), new(FromPlugin),
		},
	}.Check(t)
}
