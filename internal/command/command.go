package command

import (
	"fmt"

	"dkron/internal/codec"
	"dkron/internal/state"
)

// Command is one kind of log entry.
type Command interface {
	codec.Message
	// Apply changes the state and returns the proposer's result. An error changes nothing.
	Apply(tx *state.Tx) (any, error)
}

// Kind is the number of a command in the log. Numbers are only ever appended. An entry of a kind that this version
// doesn't know stops the node, unless the kind is optional.
type Kind byte

// optional is the first kind that an older version may skip.
const optional Kind = 128

// table is every command with its kind, and the only place that says so.
var table = []row{
	of[SetJob](1),
	of[DeleteJob](2),
	of[Clear](3),
	of[Run](4),
	of[Fire](5),
	of[Assign](6),
	of[Finish](7),
	of[Pause](8),
	of[Stop](9),
	of[Configure](10),
	of[Restore](11),
	of[Stage](12),
	of[Identify](16),
	of[Rewind](20),

	of[Clean](optional), // an older version only keeps invisible records on disk longer
}

type row struct {
	kind  Kind
	fresh func() Command
	is    func(Command) bool
}

func of[T any, P interface {
	*T
	Command
}](kind Kind) row {
	return row{
		kind:  kind,
		fresh: func() Command { return P(new(T)) },
		is:    func(c Command) bool { _, ok := c.(P); return ok },
	}
}

// kinds is the table by kind.
var kinds = byKind(table)

func byKind(rows []row) map[Kind]row {
	kinds := make(map[Kind]row, len(rows))
	for _, r := range rows {
		kinds[r.kind] = r
	}
	return kinds
}

// kindOf returns the kind of a command. Kind 0, of a command that is not in the table, is read back by nobody.
func kindOf(c Command) Kind {
	for _, r := range table {
		if r.is(c) {
			return r.kind
		}
	}
	return 0
}

// Encode writes a command as a log entry: its kind, then its fields.
func Encode(c Command) []byte { return codec.Append([]byte{byte(kindOf(c))}, c) }

// decode decodes a log entry. It returns nil for an optional one of an unknown kind.
func decode(data []byte) (Command, error) {
	if len(data) == 0 {
		return nil, fmt.Errorf("the entry is empty")
	}
	kind := Kind(data[0])
	row, ok := kinds[kind]
	if !ok && kind >= optional {
		return nil, nil
	}
	if !ok {
		return nil, fmt.Errorf("kind %d is not known to this version; run the version that wrote it, or a newer one", kind)
	}
	c := row.fresh()
	return c, codec.Decode(data[1:], c)
}
