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

// The kinds.
const (
	kindSetJob    Kind = 1
	kindDeleteJob Kind = 2
	kindClear     Kind = 3
	kindRun       Kind = 4
	kindFire      Kind = 5
	kindAssign    Kind = 6
	kindFinish    Kind = 7
	kindPause     Kind = 8
	kindStop      Kind = 9
	kindConfigure Kind = 10
	kindRestore   Kind = 11
	kindStage     Kind = 12
	kindIdentify  Kind = 16
	kindRewind    Kind = 20
	kindAgree     Kind = 21

	// optional is the first kind that an older version may skip.
	optional Kind = 128

	// An older version only keeps invisible records on disk longer.
	kindClean Kind = 128
)

// kinds is the one table of commands.
var kinds = map[Kind]func() Command{
	kindSetJob:    func() Command { return new(SetJob) },
	kindDeleteJob: func() Command { return new(DeleteJob) },
	kindClear:     func() Command { return new(Clear) },
	kindRun:       func() Command { return new(Run) },
	kindFire:      func() Command { return new(Fire) },
	kindAssign:    func() Command { return new(Assign) },
	kindFinish:    func() Command { return new(Finish) },
	kindPause:     func() Command { return new(Pause) },
	kindStop:      func() Command { return new(Stop) },
	kindConfigure: func() Command { return new(Configure) },
	kindRestore:   func() Command { return new(Restore) },
	kindStage:     func() Command { return new(Stage) },
	kindIdentify:  func() Command { return new(Identify) },
	kindRewind:    func() Command { return new(Rewind) },
	kindAgree:     func() Command { return new(Agree) },
	kindClean:     func() Command { return new(Clean) },
}

// Kinded is a command that knows its kind: every command of this package.
type Kinded interface {
	Command
	kind() Kind
}

func (*SetJob) kind() Kind    { return kindSetJob }
func (*DeleteJob) kind() Kind { return kindDeleteJob }
func (*Clear) kind() Kind     { return kindClear }
func (*Run) kind() Kind       { return kindRun }
func (*Fire) kind() Kind      { return kindFire }
func (*Assign) kind() Kind    { return kindAssign }
func (*Finish) kind() Kind    { return kindFinish }
func (*Pause) kind() Kind     { return kindPause }
func (*Stop) kind() Kind      { return kindStop }
func (*Configure) kind() Kind { return kindConfigure }
func (*Restore) kind() Kind   { return kindRestore }
func (*Stage) kind() Kind     { return kindStage }
func (*Identify) kind() Kind  { return kindIdentify }
func (*Rewind) kind() Kind    { return kindRewind }
func (*Agree) kind() Kind     { return kindAgree }
func (*Clean) kind() Kind     { return kindClean }

// Encode writes a command as a log entry: its kind, then its fields.
func Encode(c Kinded) []byte {
	data, _ := EncodeFor(c)
	return data
}

// EncodeFor is Encode, and returns the protocol that a server must know to apply the entry: 0, or the highest that
// introduced a field which the command sets. Of a kind that is not from the beginning, Fields says so ahead of all fields,
// unless the kind is optional.
func EncodeFor(c Kinded) (data []byte, protocol uint64) {
	kind := c.kind()
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
	make, ok := kinds[kind]
	if !ok && kind >= optional {
		return nil, nil
	}
	if !ok {
		return nil, fmt.Errorf("kind %d is not known to this version; run the version that wrote it, or a newer one", kind)
	}
	c := make()
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
	if a, ok := c.(*Agree); ok {
		return c, a.readable()
	}
	return c, nil
}
