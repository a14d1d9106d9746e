package codec

import (
	"errors"
	"testing"
)

// old is a message of one version, newer the same of the next, which added fields.
type old struct {
	Name string
	In   oldInner
}

func (o *old) Fields(w *Wire) {
	w.String(1, &o.Name)
	Nested(w, 2, &o.In)
}

type oldInner struct{ A uint64 }

func (o *oldInner) Fields(w *Wire) { w.Uint(1, &o.A) }

type newer struct {
	Name  string
	In    newerInner
	Extra string
	More  *newerInner
}

func (o *newer) Fields(w *Wire) {
	w.String(1, &o.Name)
	Nested(w, 2, &o.In)
	w.Since(3)
	w.String(3, &o.Extra)
	w.Since(5)
	Optional(w, 4, &o.More)
}

type newerInner struct{ A, B uint64 }

func (o *newerInner) Fields(w *Wire) {
	w.Uint(1, &o.A)
	w.Since(4)
	w.Uint(2, &o.B)
}

func TestAWrittenFieldNeedsItsProtocol(t *testing.T) {
	for _, c := range []struct {
		name string
		m    newer
		want uint64
	}{
		{"nothing new", newer{Name: "a", In: newerInner{A: 1}}, 0},
		{"a new field", newer{Extra: "x"}, 3},
		{"a new field of a message within", newer{In: newerInner{B: 1}}, 4},
		{"both", newer{In: newerInner{B: 1}, Extra: "x"}, 4},
		{"a new message, empty", newer{More: &newerInner{}}, 5},
	} {
		data, protocol := AppendFor([]byte("head"), &c.m)
		if protocol != c.want {
			t.Errorf("%s: protocol %d, want %d", c.name, protocol, c.want)
		}
		if string(data[4:]) != string(Encode(&c.m)) {
			t.Errorf("%s: the bytes differ from those of Encode", c.name)
		}
		err := DecodeStrict(data[4:], new(old))
		if (err != nil) != (c.want > 0) {
			t.Errorf("%s: an older reader got %v", c.name, err)
		}
		if err := Decode(data[4:], new(old)); err != nil {
			t.Errorf("%s: an older reader that skips what is new got %v", c.name, err)
		}
	}
}

func TestAnUnknownFieldIsNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		m    Message
		want string
	}{
		{"after all others", &newer{Extra: "x"}, "field 3 of codec.old is not known to this version"},
		{"within", &newer{In: newerInner{A: 7, B: 1}}, "field 2 of codec.oldInner is not known to this version"},
		{"of another type", &entry{key: "k"}, "field 1 of codec.oldInner is not known to this version"},
	} {
		into := Message(new(old))
		if c.name == "of another type" {
			into = new(oldInner)
		}
		err := DecodeStrict(Encode(c.m), into)
		var unknown *UnknownFieldError
		if !errors.As(err, &unknown) || unknown.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}
