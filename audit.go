package dkron

import (
	"context"
	"time"

	"dkron/internal/codec"
)

// Limits of the audit. Runs, stops and sign-ins have a share of their own, so that whoever may only run jobs can't push out
// what others have changed.
const (
	MaxAudit      = 100_000  // records of each share
	MaxAuditBytes = 32 << 20 // of each share
	MaxAuditForm  = 8 << 10  // bytes of an object before or after
)

// Origin is who asked for something, and from where.
type Origin struct {
	Accessor string // of the token; empty: access control is off, or it was no token
	Name     string // of the token, of the user, or of the certificate
	How      Proof
	Address  string // of the client
	Server   string // that was asked
	Subject  string // of whom an OpenID Connect provider has named, which does not change with the name; of whom a proxy has named, the name
}

// Fields describes the wire form.
func (o *Origin) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &o.Accessor)
	w.String(2, &o.Name)
	codec.Text(w, 3, &o.How)
	w.String(4, &o.Address)
	w.String(5, &o.Server)
	w.String(6, &o.Subject)
}

// Proof is how somebody has proved who it is.
type Proof string

// The proofs.
const (
	ProofNone        Proof = "" // access control is off, or there was no valid proof
	ProofToken       Proof = "token"
	ProofSession     Proof = "session"   // of a browser, which somebody signed in with a token
	ProofPassword    Proof = "password"  // by HTTP Basic
	ProofOpenID      Proof = "openid"    // named by an OpenID Connect provider
	ProofHeader      Proof = "header"    // named by a trusted proxy in front, in a header
	ProofBootstrap   Proof = "bootstrap" // the first token
	ProofCertificate Proof = "certificate"
	ProofRPC         Proof = "rpc" // a command that calls a node without a certificate
)

type originKey struct{}

// WithOrigin returns a context that carries who asked for what is done in it. Work that no client asked for has none.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns who asked; false if nobody did.
func OriginOf(ctx context.Context) (Origin, bool) {
	o, ok := ctx.Value(originKey{}).(Origin)
	return o, ok
}

// AuditKind is what a record of the audit is about.
type AuditKind string

// The kinds.
const (
	AuditJob       AuditKind = "job"
	AuditHistory   AuditKind = "history" // of a job
	AuditLaunch    AuditKind = "launch"
	AuditExecution AuditKind = "execution"
	AuditRerun     AuditKind = "rerun"
	AuditChannel   AuditKind = "channel"
	AuditRule      AuditKind = "rule"
	AuditSilence   AuditKind = "silence"
	AuditAlert     AuditKind = "alert"
	AuditMessage   AuditKind = "message"
	AuditPolicy    AuditKind = "policy"
	AuditToken     AuditKind = "token"
	AuditSession   AuditKind = "session"
	AuditSecret    AuditKind = "secret"
	AuditSettings  AuditKind = "settings"
	AuditPause     AuditKind = "pause" // of job changes
	AuditNode      AuditKind = "node"
	AuditPlugin    AuditKind = "plugin"
	AuditRequest   AuditKind = "request" // that was refused
)

// Work reports whether records of the kind are in the share of runs, stops and sign-ins.
func (k AuditKind) Work() bool {
	switch k {
	case AuditLaunch, AuditExecution, AuditRerun, AuditMessage, AuditSession:
		return true
	}
	return false
}

// AuditNote is a change, as the command that makes it describes it.
type AuditNote struct {
	Kind   AuditKind
	Object string // its name, number or id
	Detail string // for people
	Before []byte // the object's wire form, without what is secret; empty: there was none, or it does not matter
	After  []byte
	Cut    bool // what is long in it was cut
}

// Fields describes the wire form.
func (n *AuditNote) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Text(w, 1, &n.Kind)
	w.String(2, &n.Object)
	w.String(3, &n.Detail)
	w.Bytes(4, &n.Before)
	w.Bytes(5, &n.After)
	w.Bool(6, &n.Cut)
}

// AuditRecord is a record of the audit.
type AuditRecord struct {
	Number uint64 // within its share, or within the server's own records; without gaps
	Index  uint64 // of the log entry; 0: it is a server's own record
	At     time.Time
	Origin Origin
	Action string // the request's name, or a method and a route
	AuditNote

	// Of a request that was refused.
	Status uint64 // of the answer; 0: it was not refused
	Count  uint64 // how often since the record before of the same client; 0: once
	Left   uint64 // refusals that have no record, because there were too many
}

// Fields describes the wire form.
func (r *AuditRecord) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &r.Number)
	w.Uint(2, &r.Index)
	w.Time(3, &r.At)
	codec.Nested(w, 4, &r.Origin)
	w.String(5, &r.Action)
	codec.Nested(w, 6, &r.AuditNote)
	w.Uint(7, &r.Status)
	w.Uint(8, &r.Count)
	w.Uint(9, &r.Left)
}
