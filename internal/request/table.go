package request

import (
	"iter"
	"slices"
	"strings"
	"time"

	"dkron/internal/codec"
)

// kinds is every request, ordered by name: its type, the type of its reply, and the time limit of another server's
// answer. A request without a row does not exist for rpc, control and the metrics.
var kinds = []Kind{
	kind[AckAlert, Alert](usual),
	kind[AddSilence, Silence](usual),
	kind[CheckIn, Launched](usual),
	kind[ClearExecutions, Stored](usual),
	kind[Configure, Done](usual),
	kind[CreateToken, Done](usual),
	kind[DeleteChannel, Done](usual),
	kind[DeleteJob, Stored](usual),
	kind[DeletePolicy, Done](usual),
	kind[DeleteRule, Done](usual),
	kind[DeleteSecret, Done](usual),
	kind[DeleteToken, Done](usual),
	kind[EndSession, Done](usual),
	kind[EndSilence, Silence](usual),
	kind[LaunchJob, Launched](usual),
	kind[OpenSession, Done](usual),
	kind[ReadIndex, Done](usual),
	kind[RerunLaunch, Launched](usual),
	kind[RerunLaunches, Rerun](usual),
	kind[ResendMessage, Message](usual),
	kind[Restore, Restored](45 * time.Second), // may hold very many jobs
	kind[RevertJob, Stored](usual),
	kind[RunJob, Launched](usual),
	kind[SetChannel, Channel](usual),
	kind[SetJob, Stored](usual),
	kind[SetPaused, Done](usual),
	kind[SetPolicy, Done](usual),
	kind[SetRule, Rule](usual),
	kind[SetSecret, Secret](usual),
	kind[Stop, Stopped](usual),
	kind[StopLaunches, Stopped](usual),
	kind[StopRerun, Rerun](usual),
	kind[ToggleJob, Stored](usual),
	kind[TryChannel, Message](usual),
}

// Kind is what all requests of a type share.
type Kind struct {
	Name    string
	Touches Touch
	Limit   time.Duration // time limit of another server's answer
	New     func() Request
	Reply   func() Reply
}

// kind makes a row of the table.
func kind[Q, R any, PQ interface {
	*Q
	Typed[R]
}, PR interface {
	*R
	codec.Message
}](limit time.Duration) Kind {
	zero := PQ(new(Q))
	return Kind{
		Name: zero.Name(), Touches: zero.Touches(), Limit: limit,
		New:   func() Request { return PQ(new(Q)) },
		Reply: func() Reply { return PR(new(R)) },
	}
}

// Kinds returns every kind of request, ordered by name.
func Kinds() iter.Seq[Kind] { return slices.Values(kinds) }

// KindOf returns the kind of a request; false only for a type without a row in the table.
func KindOf(r Request) (Kind, bool) {
	i, ok := slices.BinarySearchFunc(kinds, r.Name(), func(k Kind, name string) int { return strings.Compare(k.Name, name) })
	if !ok {
		return Kind{}, false
	}
	return kinds[i], true
}
