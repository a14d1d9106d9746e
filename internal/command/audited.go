package command

import (
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Audited is a command that a client asked for. What it changes leaves records in the audit, in the same transaction.
type Audited struct {
	Origin dkron.Origin
	Action string // the request's name
	Now    time.Time
	Entry  []byte // the command, as Encode writes it

	command Command // the same, decoded
}

// Fields describes the wire form.
func (c *Audited) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &c.Origin)
	w.String(2, &c.Action)
	w.Time(3, &c.Now)
	w.Bytes(4, &c.Entry)
}

// open decodes the command.
func (c *Audited) open() (err error) {
	switch {
	case len(c.Entry) == 0:
		return nil // Apply refuses it
	case Kind(c.Entry[0]) == kindOf(c):
		return errors.New("an audited command has another one in it")
	}
	c.command, err = decode(c.Entry)
	if err == nil && c.command == nil {
		err = fmt.Errorf("kind %d is not known to this version; run the version that wrote it, or a newer one", c.Entry[0])
	}
	return err
}

// maxNotes is how many objects of one entry have a record each: a restore may change any number of jobs.
const maxNotes = 100

// Apply applies the command, and adds the records of what it has changed.
func (c *Audited) Apply(tx *state.Tx) (any, error) {
	if c.command == nil {
		return nil, dkron.Invalid("there is no command to audit")
	}
	tx.Audit()
	result, err := c.command.Apply(tx)
	if err != nil {
		return nil, err
	}
	notes := tx.Notes()
	if more := len(notes) - maxNotes; more > 0 {
		kind := notes[maxNotes].Kind
		notes = append(notes[:maxNotes:maxNotes], dkron.AuditNote{Kind: kind, Detail: fmt.Sprintf("and %d more, which have no records of their own", more)})
	}
	for _, n := range notes {
		r := &dkron.AuditRecord{At: c.Now, Origin: c.Origin, Action: c.Action, AuditNote: n}
		if err := tx.AddAudit(r); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// note notes a change without the object's form.
func note(tx *state.Tx, kind dkron.AuditKind, object, detail string) {
	tx.Note(dkron.AuditNote{Kind: kind, Object: object, Detail: detail})
}

// noteChange notes a change of an object: from before to after, of which one may be nil. hide removes what is secret in a copy; it
// may be nil.
func noteChange[T any, P interface {
	*T
	codec.Message
}](tx *state.Tx, kind dkron.AuditKind, object string, before, after P, hide func(P)) {
	if !tx.Audited() {
		return
	}
	n := dkron.AuditNote{Kind: kind, Object: object}
	if len(tx.Notes()) < maxNotes { // those after it are only counted
		n.Before, n.Cut = form(before, hide, n.Cut)
		n.After, n.Cut = form(after, hide, n.Cut)
	}
	tx.Note(n)
}

// form returns the wire form of an object, with long texts cut if it is large, and nothing if it is large even then.
func form[T any, P interface {
	*T
	codec.Message
}](v P, hide func(P), wasCut bool) (raw []byte, isCut bool) {
	if v == nil {
		return nil, wasCut
	}
	own := P(new(T))
	if err := codec.Decode(codec.Encode(v), own); err != nil {
		return nil, true
	}
	if hide != nil {
		hide(own)
	}
	if raw = codec.Encode(own); len(raw) <= dkron.MaxAuditForm {
		return raw, wasCut
	}
	shorten(reflect.ValueOf(own).Elem())
	if raw = codec.Encode(own); len(raw) > dkron.MaxAuditForm {
		raw = nil
	}
	return raw, true
}

// longText is how many bytes of a text remain in a large object.
const longText = 256

// shorten cuts long texts in a value.
func shorten(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(shortened(v.String()))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				shorten(v.Field(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			shorten(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			shorten(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			short := reflect.New(v.Type().Elem()).Elem()
			short.Set(v.MapIndex(k))
			shorten(short)
			v.SetMapIndex(k, short)
		}
	}
}

// shortened returns the beginning of a text, with its length and a checksum, so that a change of the rest can be seen.
func shortened(text string) string {
	if len(text) <= longText {
		return text
	}
	end := longText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… [%d bytes, checksum %016x]", text[:end], len(text), checksum(text))
}

// checksum is FNV-1a.
func checksum(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}
