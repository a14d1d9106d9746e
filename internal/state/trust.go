package state

import (
	"errors"

	"dkron/internal/codec"
)

// Trust is the cluster's own certificate authority, and whom its nodes no longer trust. There is one.
type Trust struct {
	Version   uint64   // the log entry that changed it last
	Authority []byte   // the authority's certificate, in DER; empty: there is none
	Join      []byte   // the certificate of the join authority, in DER
	Sealed    []byte   // the authority's key, which only the join secret opens
	Strict    bool     // connections without TLS are refused for ever
	Expelled  []string // names of nodes, sorted
}

// Fields describes the wire form.
func (t *Trust) Fields(w *codec.Wire) {
	w.Uint(1, &t.Version)
	w.Bytes(2, &t.Authority)
	w.Bytes(3, &t.Join)
	w.Bytes(4, &t.Sealed)
	w.Bool(5, &t.Strict)
	w.Strings(6, &t.Expelled)
}

// TrustChange is what a leader proposes.
type TrustChange struct {
	Authority, Join, Sealed []byte // a new authority; empty: it stays
	Replaces                []byte // the certificate of the one that is there; empty: there is none
	Strict                  bool
}

var keyTrust = []byte("trust")

// Trust returns the record; an empty one if nothing is stored.
func (tx *Tx) Trust() (*Trust, error) {
	t := new(Trust)
	err := tx.get(tableMeta, keyTrust, t)
	if errors.Is(err, errAbsent) {
		err = nil
	}
	return t, err
}

// PutTrust stores the record, as changed by the present log entry.
func (tx *Tx) PutTrust(t *Trust) error {
	t.Version, tx.trust = tx.at.Index, t
	return tx.put(tableMeta, keyTrust, t)
}

// Trust returns the record; an empty one if nothing is stored.
func (s *Store) Trust() (t *Trust, err error) {
	err = s.View(func(tx *Tx) error {
		t, err = tx.Trust()
		return err
	})
	return t, err
}

func (s *Store) trusted(t *Trust) {
	for _, o := range s.observers {
		if o.Trusted != nil && t != nil {
			o.Trusted(t)
		}
	}
}
