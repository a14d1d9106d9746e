package request

import (
	"testing"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "requests among servers during an upgrade",
		Types: []codec.Message{
			new(ClearExecutions), &Configure{dkron.Settings{TotalBytes: 9}}, new(DeleteJob), new(ReadIndex), new(Restore), new(RevertJob),
			new(RunJob), new(SetJob), new(SetPaused), new(Stop), new(ToggleJob), new(Done), new(Launched), new(Restored), new(Stopped),
			new(Stored), new(LaunchJob), new(RerunLaunch), new(RerunLaunches), new(StopLaunches), new(StopRerun), new(Rerun),
			new(CreateToken), new(DeletePolicy), new(DeleteToken), new(SetPolicy), new(OpenSession), new(EndSession),
			new(AckAlert), new(AddSilence), new(DeleteChannel), new(DeleteRule), new(EndSilence), new(ResendMessage), new(SetChannel), new(SetRule),
			new(TryChannel), new(Alert), new(Channel), new(Message), new(Rule), new(Silence), new(CheckIn), new(SetSecret), new(DeleteSecret), new(Secret),
		},
	}.Check(t)
}
