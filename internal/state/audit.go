package state

import (
	"fmt"

	"dkron"
	"dkron/internal/codec"
)

// Share is a part of the audit with bounds of its own; see dkron.MaxAudit.
type Share uint64

// The shares. They are in the keys.
const (
	Edits Share = 1
	Work  Share = 2
)

// share is what the state has of a share.
type share struct {
	First uint64 // number of its oldest record; 0: there never was one
	Next  uint64 // number of the next record; the first is 1
	Bytes uint64
}

// Fields describes the wire form.
func (s *share) Fields(w *codec.Wire) {
	w.Uint(1, &s.First)
	w.Uint(2, &s.Next)
	w.Uint(3, &s.Bytes)
}

// Audit makes the transaction note what the command changes that is applied now. Notes returns that.
func (tx *Tx) Audit() { tx.audit = new([]dkron.AuditNote) }

// Audited reports whether notes are taken: they cost something.
func (tx *Tx) Audited() bool { return tx.audit != nil }

// Note adds a note.
func (tx *Tx) Note(n dkron.AuditNote) {
	if tx.audit != nil {
		*tx.audit = append(*tx.audit, n)
	}
}

// Notes returns the notes since Audit.
func (tx *Tx) Notes() []dkron.AuditNote { return *tx.audit }

// AddAudit stores a record and gives it its number. The oldest of its share go if there are too many, or too many bytes.
func (tx *Tx) AddAudit(r *dkron.AuditRecord) error {
	which, s := ShareOf(r.Kind), tx.share(ShareOf(r.Kind))
	if s.Next == 0 {
		s.First, s.Next = 1, 1
	}
	r.Number, r.Index = s.Next, tx.at.Index
	raw := codec.Encode(r)
	s.Next++
	s.Bytes += uint64(len(raw))
	tx.changes.Audit = true
	if err := tx.putRaw(tableAudit, key(uint64(which), r.Number), raw); err != nil {
		return err
	}
	for s.Next-s.First > dkron.MaxAudit || s.Bytes > dkron.MaxAuditBytes {
		k := key(uint64(which), s.First)
		s.Bytes -= min(s.Bytes, uint64(len(tx.bolt.Bucket(tableAudit).Get(k))))
		s.First++
		if err := tx.remove(tableAudit, k); err != nil {
			return err
		}
	}
	return nil
}

// ShareOf returns the share of a kind of records.
func ShareOf(k dkron.AuditKind) Share {
	if k.Work() {
		return Work
	}
	return Edits
}

func (tx *Tx) share(s Share) *share {
	if s == Work {
		return &tx.meta.AuditWork
	}
	return &tx.meta.AuditChanges
}

// AuditEnds returns the number of a share's oldest record and that of its next one. Equal ones: it has no record.
func (tx *Tx) AuditEnds(s Share) (first, next uint64) {
	ends := tx.share(s)
	return max(1, ends.First), max(1, ends.Next)
}

// AuditBefore calls fn for the records of a share before a number, newest first, until it returns false.
func (tx *Tx) AuditBefore(s Share, number uint64, fn func(*dkron.AuditRecord) bool) error {
	first, next := tx.AuditEnds(s)
	for n := min(number, next); n > first; n-- {
		r, err := tx.auditRecord(s, n-1)
		if err != nil || !fn(r) {
			return err
		}
	}
	return nil
}

// AuditFrom calls fn for the records of a share from a number on, oldest first, until it returns false.
func (tx *Tx) AuditFrom(s Share, number uint64, fn func(*dkron.AuditRecord) bool) error {
	first, next := tx.AuditEnds(s)
	for n := max(number, first); n < next; n++ {
		r, err := tx.auditRecord(s, n)
		if err != nil || !fn(r) {
			return err
		}
	}
	return nil
}

func (tx *Tx) auditRecord(s Share, number uint64) (*dkron.AuditRecord, error) {
	r := new(dkron.AuditRecord)
	if err := tx.get(tableAudit, key(uint64(s), number), r); err != nil {
		return nil, fmt.Errorf("audit record %d of share %d: %w", number, s, err)
	}
	return r, nil
}
