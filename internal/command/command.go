package command

import (
	"errors"
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
// doesn't know stops the node, as one with a field that it doesn't know does, unless the kind is optional.
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
	of[Agree](21),
	of[Rerun](22),
	of[Relaunch](23),
	of[StopRerun](24),
	of[Deliver](25),
	of[SetChannel](40),
	of[DeleteChannel](41),
	of[SetRule](42),
	of[DeleteRule](43),
	of[AddSilence](44),
	of[EndSilence](45),
	of[Compose](46),
	of[Sent](47),
	of[Resend](48),
	of[TryChannel](49),
	of[Ack](50),
	of[Remind](51),
	of[SetPolicy](52),
	of[DeletePolicy](53),
	of[CreateToken](54),
	of[DeleteToken](55),
	of[Overdue](56),
	of[OpenSession](57),
	of[EndSession](58),
	of[Breached](59),
	of[CheckIn](60),
	of[SetAuthority](61),
	of[Expel](62),
	of[SetSecret](63),
	of[DeleteSecret](64),
	of[Audited](65),

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
func Encode(c Command) []byte {
	data, _ := EncodeFor(c)
	return data
}

// EncodeFor is Encode, and returns the protocol that a server must know to apply the entry: 0, or the highest that
// introduced a field which the command sets. Of a kind that is not from the beginning, Fields says so ahead of all fields,
// unless the kind is optional.
func EncodeFor(c Command) (data []byte, protocol uint64) {
	kind := kindOf(c)
	data, protocol = codec.AppendFor([]byte{byte(kind)}, c)
	if kind >= optional {
		protocol = 0
	}
	return data, protocol
}

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
	if kind >= optional {
		return c, codec.Decode(data[1:], c)
	}
	if err := codec.DecodeStrict(data[1:], c); err != nil {
		var unknown *codec.UnknownFieldError
		if errors.As(err, &unknown) {
			return nil, fmt.Errorf("kind %d: %w, and without it this server would differ from the others; run the version that wrote it, or a newer one", kind, err)
		}
		return nil, err
	}
	switch c := c.(type) {
	case *Agree:
		return c, c.readable()
	case *Audited:
		return c, c.open()
	}
	return c, nil
}
