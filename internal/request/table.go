package request

import (
	"iter"
	"slices"
	"strings"
	"time"

	"dkron/internal/codec"
)

// kinds is every request, in order of name: the type of the request, that of its reply, and how long another server may
// take to answer. A request without a row does not exist for rpc, control and the metrics.
var kinds = []Kind{
	kind[ClearExecutions, Stored](usual),
	kind[Configure, Done](usual),
	kind[DeleteJob, Stored](usual),
	kind[ReadIndex, Done](usual),
	kind[Restore, Restored](45 * time.Second), // which may be of very many jobs
	kind[RevertJob, Stored](usual),
	kind[RunJob, Launched](usual),
	kind[SetJob, Stored](usual),
	kind[SetPaused, Done](usual),
	kind[Stop, Stopped](usual),
	kind[ToggleJob, Stored](usual),
}

// Kind is what all requests of a type have in common.
type Kind struct {
	Name    string
	Touches Touch
	Limit   time.Duration // how long another server may take to answer
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

// Kinds returns every kind of request, in order of name.
func Kinds() iter.Seq[Kind] { return slices.Values(kinds) }

// KindOf returns the kind of a request. Only a type without a row in the table has none.
func KindOf(r Request) (Kind, bool) {
	i, ok := slices.BinarySearchFunc(kinds, r.Name(), func(k Kind, name string) int { return strings.Compare(k.Name, name) })
	if !ok {
		return Kind{}, false
	}
	return kinds[i], true
}
