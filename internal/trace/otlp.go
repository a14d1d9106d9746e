package trace

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// span is an act that has ended.
type span struct {
	self   Context
	parent [8]byte // none if zero
	name   string
	kind   spanKind
	start  time.Time
	end    time.Time
	attrs  []attribute
	links  []Context
	failed bool
	reason string // of a failure
}

type spanKind uint64

const (
	internal spanKind = 1
	server   spanKind = 2
	consumer spanKind = 5
)

// attribute has a text or a number.
type attribute struct {
	name   string
	text   string
	number int64
	isText bool
}

func text(name, value string) attribute     { return attribute{name: name, text: value, isText: true} }
func number(name string, v int64) attribute { return attribute{name: name, number: v} }
func withText(list []attribute, name, value string) []attribute {
	if value == "" {
		return list
	}
	return append(list, text(name, value))
}

// What follows writes ExportTraceServiceRequest of opentelemetry-proto 1.

// message adds an embedded message.
func message(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

func str(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func varint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func instant(b []byte, field protowire.Number, t time.Time) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), uint64(max(0, t.UnixNano()))) // not negative
}

func encode(resource []attribute, version string, spans []*span) []byte {
	scope := str(str(nil, 1, "dkron"), 2, version)
	scoped := message(nil, 1, scope)
	for _, s := range spans {
		scoped = message(scoped, 2, s.encode())
	}
	var described []byte
	for _, a := range resource {
		described = message(described, 1, a.encode())
	}
	return message(nil, 1, message(message(nil, 1, described), 2, scoped))
}

func (a attribute) encode() []byte {
	var value []byte
	if a.isText {
		value = str(nil, 1, a.text)
	} else {
		value = varint(nil, 3, uint64(a.number)) // two's complement is how protobuf has negative numbers
	}
	return message(str(nil, 1, a.name), 2, value)
}

func (s *span) encode() []byte {
	b := message(nil, 1, s.self.Trace[:])
	b = message(b, 2, s.self.Span[:])
	if s.parent != [8]byte{} {
		b = message(b, 4, s.parent[:])
	}
	b = str(b, 5, s.name)
	b = varint(b, 6, uint64(s.kind))
	b = instant(instant(b, 7, s.start), 8, s.end)
	for _, a := range s.attrs {
		b = message(b, 9, a.encode())
	}
	for _, l := range s.links {
		b = message(b, 13, message(message(nil, 1, l.Trace[:]), 2, l.Span[:]))
	}
	if s.failed {
		b = message(b, 15, varint(str(nil, 2, s.reason), 3, 2))
	}
	return protowire.AppendFixed32(protowire.AppendTag(b, 16, protowire.Fixed32Type), 1) // sampled
}
