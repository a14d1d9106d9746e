package dkron

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "data directories, logs and snapshots",
		Types: []codec.Message{
			new(Job), new(Catchup), new(DST), new(nullTime), new(processor), new(pluginConfig), new(Backoff), new(Parent), new(Retention),
			new(Settings), new(Progress), new(Span), new(Record), new(Launch), new(Launched), new(Placement), new(Assignment),
			new(ExecutionKey), &Execution{Outcome: Success}, new(Stop), new(ExitCode), new(Usage), new(Result), new(Due), new(Rewound),
			new(ToNode), new(Order), new(ExecutionRef), new(FromNode), new(NodeLoad), new(High), new(Chunk), new(StopTarget), new(LaunchEnd),
			new(Change), new(Payload), new(Rerun), new(Replaced), new(Delivery), new(DeliveryTarget), new(Delivered),
			new(DeliveryStat), new(DeliveryStats), new(Policy), new(Token), new(Session), new(Person), new(Objectives), new(Breach),
			new(Channel), new(ChannelStat), new(Match), new(Quiet), new(Rule), new(Silence), new(Occurrence), new(Alert), new(Message), new(Attempt),
			new(CheckIn), new(CheckedIn), new(Secret), new(SecretQuestion), new(SecretAnswer), new(SecretValue),
			new(Origin), new(AuditNote), new(AuditRecord),
		},
		Unwritten: []string{"Due.Tags"},
	}.Check(t)
}
