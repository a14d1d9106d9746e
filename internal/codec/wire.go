// Package codec encodes the vocabulary in the protobuf wire format, with field numbers kept by hand.
//
// A type describes itself once, in Fields, and that description both encodes and decodes it:
//
//	func (e *Execution) Fields(w *codec.Wire) {
//		w.String(1, &e.JobName)
//		w.Bool(2, &e.Success)
//	}
//
// Numbers ascend within a Fields method and are only ever appended, so that an older reader skips what a newer writer
// added. Zero values are not written. Writing changes nothing of the value, so that several goroutines may write it at
// once: what a Fields method assigns by itself, it assigns only while Reading.
package codec

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Message is anything that describes its fields.
type Message interface{ Fields(w *Wire) }

// Number is the number of a field on the wire.
type Number = protowire.Number

// Wire is passed to Fields: when encoding it appends each field, when decoding it fills each field from the input.
type Wire struct {
	out     []byte
	in      []byte
	reading bool
	strict  bool
	err     error
	of      Message // that is read now, for errors

	ahead   Number // of the field at the beginning of in; 0: not looked at yet, ended: there is none
	aheadIs protowire.Type
	tag     int // bytes that its tag takes

	since uint64 // the protocol that introduced the fields written now, 0 for those that were always there
	mark  int    // where in out these begin
	needs uint64 // the newest protocol of which a field was written
}

// ended is higher than any number.
const ended = protowire.MaxValidNumber + 1

// Reading reports whether Fields is called to decode the value, not to encode it.
func (w *Wire) Reading() bool { return w.reading }

var wires = sync.Pool{New: func() any { return new(Wire) }}

// Append encodes m and appends it to dst.
func Append(dst []byte, m Message) []byte {
	out, _ := AppendFor(dst, m)
	return out
}

// AppendFor encodes m, appends it to dst, and returns the protocol that a reader has to know to understand all of it: 0,
// or the highest that Since named before a field that has a value.
func AppendFor(dst []byte, m Message) (out []byte, protocol uint64) {
	w := wires.Get().(*Wire)
	*w = Wire{out: dst}
	m.Fields(w)
	w.settle()
	out, protocol = w.out, w.needs
	*w = Wire{}
	wires.Put(w)
	return out, protocol
}

// Since says that protocol n has introduced the fields that follow in this message. What is called once stays: fields are
// only appended.
func (w *Wire) Since(n uint64) {
	w.settle()
	w.since, w.mark = n, len(w.out)
}

// settle notes whether a field was written since the call of Since.
func (w *Wire) settle() {
	if w.since != 0 && len(w.out) > w.mark {
		w.needs = max(w.needs, w.since)
	}
}

// Encode returns the encoding of m.
func Encode(m Message) []byte { return Append(nil, m) }

// Decode reads m, which must be zero, from data. Byte slices of m are copies. Unknown fields are skipped.
func Decode(data []byte, m Message) error { return decode(data, m, false) }

// DecodeStrict is Decode for what all readers must take alike: an unknown field is an *UnknownFieldError.
func DecodeStrict(data []byte, m Message) error { return decode(data, m, true) }

// UnknownFieldError says that a message has a field that this version does not know, or knows with another type.
type UnknownFieldError struct {
	Number Number
	Of     string // type of the message
}

func (e *UnknownFieldError) Error() string {
	return fmt.Sprintf("field %d of %s is not known to this version", e.Number, e.Of)
}

func decode(data []byte, m Message, strict bool) error {
	w := wires.Get().(*Wire)
	*w = Wire{in: data, reading: true, strict: strict, of: m}
	m.Fields(w)
	w.rest()
	err := w.err
	*w = Wire{}
	wires.Put(w)
	if err != nil {
		return fmt.Errorf("decode %T: %w", m, err)
	}
	return nil
}

// rest skips newer fields after those that this version knows.
func (w *Wire) rest() {
	w.ahead = 0
	for w.err == nil && len(w.in) > 0 {
		number, _, n := protowire.ConsumeField(w.in)
		if n < 0 {
			w.err = protowire.ParseError(n)
			return
		}
		w.skip(number, n)
	}
}

// skip passes over a field of n bytes that this version does not know.
func (w *Wire) skip(number Number, n int) {
	if w.strict {
		w.err = &UnknownFieldError{number, strings.TrimPrefix(fmt.Sprintf("%T", w.of), "*")}
		return
	}
	w.in = w.in[n:]
}

// next reports whether the next field of the input is num with the given type, and consumes its tag if so. Fields with
// lower numbers are unknown ones of another version and are skipped. Most fields of a message are absent, so it looks at
// each tag once.
func (w *Wire) next(num protowire.Number, typ protowire.Type) bool {
	return w.ahead <= num && w.find(num, typ)
}

func (w *Wire) find(num protowire.Number, typ protowire.Type) bool {
	for w.look() && w.ahead <= num {
		if w.ahead == num && w.aheadIs == typ {
			w.in, w.ahead = w.in[w.tag:], 0
			return true
		}
		skip := protowire.ConsumeFieldValue(w.ahead, w.aheadIs, w.in[w.tag:])
		if skip < 0 {
			w.err = protowire.ParseError(skip)
			return false
		}
		w.skip(w.ahead, w.tag+skip)
		w.ahead = 0
	}
	return false
}

// look reads the tag at the beginning of the input, and reports whether there is one.
func (w *Wire) look() bool {
	switch {
	case w.err != nil:
		return false
	case w.ahead != 0:
		return w.ahead != ended
	case len(w.in) == 0:
		w.ahead = ended
		return false
	}
	got, typ, n := protowire.ConsumeTag(w.in)
	if n < 0 {
		w.err = protowire.ParseError(n)
		return false
	}
	w.ahead, w.aheadIs, w.tag = got, typ, n
	return true
}

func (w *Wire) varint() uint64 {
	v, n := protowire.ConsumeVarint(w.in)
	if n < 0 {
		w.err = protowire.ParseError(n)
		return 0
	}
	w.in = w.in[n:]
	return v
}

func (w *Wire) bytes() []byte {
	v, n := protowire.ConsumeBytes(w.in)
	if n < 0 {
		w.err = protowire.ParseError(n)
		return nil
	}
	w.in = w.in[n:]
	return v
}

// Uint is a uint64 field.
func (w *Wire) Uint(num protowire.Number, p *uint64) {
	if w.reading {
		if w.next(num, protowire.VarintType) {
			*p = w.varint()
		}
		return
	}
	if *p != 0 {
		w.out = protowire.AppendVarint(protowire.AppendTag(w.out, num, protowire.VarintType), *p)
	}
}

// Int is an int64 field.
func (w *Wire) Int(num protowire.Number, p *int64) { integer(w, num, p) }

// integer assigns to *p only when decoding: when encoding, other goroutines may read the same value.
func integer[T ~int | ~int64 | ~uint32](w *Wire, num protowire.Number, p *T) {
	v := uint64(*p)
	w.Uint(num, &v)
	if w.reading {
		*p = T(v)
	}
}

// Uint32 is a uint32 field.
func (w *Wire) Uint32(num protowire.Number, p *uint32) { integer(w, num, p) }

// Num is an int field.
func (w *Wire) Num(num protowire.Number, p *int) { integer(w, num, p) }

// Duration is a duration in nanoseconds.
func (w *Wire) Duration(num protowire.Number, p *time.Duration) { integer(w, num, p) }

// Bool is a bool field.
func (w *Wire) Bool(num protowire.Number, p *bool) {
	v := uint64(0)
	if *p {
		v = 1
	}
	w.Uint(num, &v)
	if w.reading {
		*p = v != 0
	}
}

// String is a string field.
func (w *Wire) String(num protowire.Number, p *string) {
	if w.reading {
		if w.next(num, protowire.BytesType) {
			if b := w.bytes(); string(b) != *p { // an equal text needs no memory
				*p = string(b)
			}
		}
		return
	}
	if *p != "" {
		w.out = protowire.AppendString(protowire.AppendTag(w.out, num, protowire.BytesType), *p)
	}
}

// Text is a field of a named string type.
func Text[T ~string](w *Wire, num protowire.Number, p *T) {
	s := string(*p)
	w.String(num, &s)
	if w.reading {
		*p = T(s)
	}
}

// Bytes is a byte slice; an empty one reads back as nil.
func (w *Wire) Bytes(num protowire.Number, p *[]byte) {
	if w.reading {
		if w.next(num, protowire.BytesType) {
			*p = append([]byte(nil), w.bytes()...)
		}
		return
	}
	if len(*p) > 0 {
		w.out = protowire.AppendBytes(protowire.AppendTag(w.out, num, protowire.BytesType), *p)
	}
}

// Time is an instant as google.protobuf.Timestamp, read back in UTC; the zero time is not written. It does what message
// does, but allocates nothing: the hot path has many.
func (w *Wire) Time(num protowire.Number, p *time.Time) {
	var seconds, nanos int64
	if w.reading {
		if !w.next(num, protowire.BytesType) {
			return
		}
		body := w.bytes()
		rest, around := w.in, w.of
		w.in, w.of = body, (*timestamp)(nil)
		w.Int(1, &seconds)
		w.Int(2, &nanos)
		w.rest()
		w.in, w.of, w.ahead = rest, around, 0
		*p = time.Unix(seconds, nanos).UTC()
		return
	}
	if p.IsZero() {
		return
	}
	seconds, nanos = p.Unix(), int64(p.Nanosecond())
	w.out = append(protowire.AppendTag(w.out, num, protowire.BytesType), 0)
	start := len(w.out)
	w.Int(1, &seconds)
	w.Int(2, &nanos)
	w.out[start-1] = byte(len(w.out) - start) // at most 22
}

// timestamp names what Time reads in errors.
type timestamp struct{}

func (*timestamp) Fields(*Wire) {}

// Strings is a repeated string field.
func (w *Wire) Strings(num protowire.Number, p *[]string) {
	if w.reading {
		for w.next(num, protowire.BytesType) {
			*p = append(*p, string(w.bytes()))
		}
		return
	}
	for _, s := range *p {
		w.out = protowire.AppendString(protowire.AppendTag(w.out, num, protowire.BytesType), s)
	}
}

// Uints is a repeated uint64 field.
func (w *Wire) Uints(num protowire.Number, p *[]uint64) {
	if w.reading {
		for w.next(num, protowire.VarintType) {
			*p = append(*p, w.varint())
		}
		return
	}
	for _, n := range *p {
		w.out = protowire.AppendVarint(protowire.AppendTag(w.out, num, protowire.VarintType), n)
	}
}

// Packed is a repeated uint64 field whose values share one tag.
func (w *Wire) Packed(num protowire.Number, p *[]uint64) {
	if w.reading {
		if w.next(num, protowire.BytesType) {
			w.unpack(p, w.bytes())
		}
		return
	}
	if len(*p) == 0 {
		return
	}
	size := 0
	for _, n := range *p {
		size += protowire.SizeVarint(n)
	}
	w.out = protowire.AppendVarint(protowire.AppendTag(w.out, num, protowire.BytesType), uint64(size))
	for _, n := range *p {
		w.out = protowire.AppendVarint(w.out, n)
	}
}

func (w *Wire) unpack(p *[]uint64, body []byte) {
	count := 0
	for _, b := range body {
		if b < 0x80 { // the last byte of a number
			count++
		}
	}
	*p = make([]uint64, 0, count)
	for len(body) > 0 {
		v, n := protowire.ConsumeVarint(body)
		if n < 0 {
			w.err = protowire.ParseError(n)
			return
		}
		*p, body = append(*p, v), body[n:]
	}
}

// Map is a map of strings, written in key order so that equal maps have equal bytes.
func (w *Wire) Map(num protowire.Number, p *map[string]string) {
	if w.reading {
		for w.next(num, protowire.BytesType) {
			var e entry
			w.nested(&e)
			if *p == nil {
				*p = make(map[string]string)
			}
			(*p)[e.key] = e.value
		}
		return
	}
	for _, k := range SortedKeys(*p) {
		w.message(num, &entry{k, (*p)[k]})
	}
}

type entry struct{ key, value string }

func (e *entry) Fields(w *Wire) {
	w.String(1, &e.key)
	w.String(2, &e.value)
}

// SortedKeys returns the keys of m in order.
func SortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// message encodes m as a nested message, or decodes it if the input has it, and reports whether it did.
func (w *Wire) message(num protowire.Number, m Message) bool {
	if w.reading {
		if !w.next(num, protowire.BytesType) {
			return false
		}
		w.nested(m)
		return true
	}
	w.out = protowire.AppendTag(w.out, num, protowire.BytesType)
	start := len(w.out)
	w.settle()
	since := w.since // of the message around this one
	w.since = 0
	m.Fields(w)
	w.settle()
	size := len(w.out) - start
	if n := protowire.SizeVarint(uint64(size)); n > 0 { // the length goes before what was just written
		w.out = append(w.out, make([]byte, n)...)
		copy(w.out[start+n:], w.out[start:start+size])
		protowire.AppendVarint(w.out[:start], uint64(size))
	}
	w.since, w.mark = since, len(w.out)
	return true
}

func (w *Wire) nested(m Message) {
	body := w.bytes()
	rest, around := w.in, w.of
	w.in, w.of = body, m
	m.Fields(w)
	w.rest()
	w.in, w.of, w.ahead = rest, around, 0
}

// pointer is the pointer to a type that describes itself.
type pointer[T any] interface {
	*T
	Message
}

// Nested is a message within a message, written even if it is zero.
func Nested[T any, P pointer[T]](w *Wire, num protowire.Number, p *T) { w.message(num, P(p)) }

// Optional is a message that may be absent.
func Optional[T any, P pointer[T]](w *Wire, num protowire.Number, p **T) {
	if w.reading {
		v := new(T)
		if w.message(num, P(v)) {
			*p = v
		}
		return
	}
	if *p != nil {
		w.message(num, P(*p))
	}
}

// List is a repeated message.
func List[T any, P pointer[T]](w *Wire, num protowire.Number, p *[]T) {
	if w.reading {
		for w.next(num, protowire.BytesType) {
			var v T
			w.nested(P(&v))
			*p = append(*p, v)
		}
		return
	}
	for i := range *p {
		w.message(num, P(&(*p)[i]))
	}
}
