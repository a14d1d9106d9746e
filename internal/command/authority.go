package command

import (
	"bytes"
	"slices"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// SetAuthority stores the cluster's own certificate authority, or records that all nodes have certificates of it.
type SetAuthority struct {
	Certificate []byte // in DER; empty: the authority stays
	Join        []byte // the certificate of the join authority, in DER
	Sealed      []byte // the authority's key, which only the join secret opens
	Replaces    []byte // the certificate that it replaces; empty: there is none
	Strict      bool   // from now on nodes refuse connections without TLS
}

// Fields describes the wire form.
func (c *SetAuthority) Fields(w *codec.Wire) {
	w.Since(2)
	w.Bytes(1, &c.Certificate)
	w.Bytes(2, &c.Join)
	w.Bytes(3, &c.Sealed)
	w.Bytes(4, &c.Replaces)
	w.Bool(5, &c.Strict)
}

// Apply stores it, unless another one is there than the proposer has seen.
func (c *SetAuthority) Apply(tx *state.Tx) (any, error) {
	t, err := tx.Trust()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(t.Authority, c.Replaces) || len(c.Certificate) == 0 && len(t.Authority) == 0 {
		return nil, dkron.Conflict("the cluster has another authority by now")
	}
	if len(c.Certificate) > 0 {
		t.Authority, t.Join, t.Sealed = c.Certificate, c.Join, c.Sealed
	}
	t.Strict = t.Strict || c.Strict
	return nil, tx.PutTrust(t)
}

// maxExpelled bounds how many nodes are expelled: every node keeps the list.
const maxExpelled = 1000

// Expel makes nodes refuse the certificates of a node, or accept them again.
type Expel struct {
	Node    string
	Readmit bool
}

// Fields describes the wire form.
func (c *Expel) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Node)
	w.Bool(2, &c.Readmit)
}

// Apply changes the list.
func (c *Expel) Apply(tx *state.Tx) (any, error) {
	t, err := tx.Trust()
	if err != nil {
		return nil, err
	}
	at, known := slices.BinarySearch(t.Expelled, c.Node)
	switch {
	case len(t.Authority) == 0:
		return nil, dkron.Conflict("this cluster has no authority of its own, so no node can be expelled; revoke its certificate instead (client-crl-file)")
	case c.Readmit && !known:
		return nil, dkron.Error(dkron.ErrNotFound, "%s is not expelled", c.Node)
	case c.Readmit:
		t.Expelled = slices.Delete(t.Expelled, at, at+1)
	case known:
		return nil, nil
	case len(t.Expelled) >= maxExpelled:
		return nil, dkron.Conflict("%d nodes are expelled, which is the most; readmit some, or give the cluster a new join secret", maxExpelled)
	default:
		t.Expelled = slices.Insert(t.Expelled, at, c.Node)
	}
	detail := "expelled"
	if c.Readmit {
		detail = "readmitted"
	}
	note(tx, dkron.AuditNode, c.Node, detail)
	return nil, tx.PutTrust(t)
}
