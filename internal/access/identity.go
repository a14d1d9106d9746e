package access

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/request"
)

// Identity is a client that has proved who it is.
type Identity struct {
	Token   dkron.Token   // without hash and sessions; of the user of HTTP Basic and of a person only what they may do
	Person  *dkron.Person // whom an OpenID provider or a trusted proxy has named; nil: it is none
	How     dkron.Proof   // it has proved who it is
	Session bool          // it is signed in: its secret is a session's and not the token's
	Until   time.Time     // when its secret becomes useless; zero: never

	key    key // of its secret; zero if it has none
	jobs   *index.Index
	rights *Rights
	level  request.Touch // allowed with everything
}

// key is the SHA-256 of a secret.
type key [sha256.Size]byte

// May reports whether the client may do something with the named job, which need not exist. An empty name means all jobs and
// everything that does not belong to a job, such as settings.
func (i *Identity) May(verb request.Touch, job string) bool {
	if verb <= i.level {
		return true
	}
	if job == "" {
		return i.rights.May(verb, nil)
	}
	if e := i.jobs.Name(job); e != nil {
		return i.rights.May(verb, jobOf(e.Definition))
	}
	return i.rights.May(verb, &Job{Name: job})
}

// mayWith is May for a job as it will be written.
func (i *Identity) mayWith(verb request.Touch, j *dkron.Job) bool {
	has := func(key, value string) bool { v, ok := j.Metadata[key]; return ok && v == value }
	return verb <= i.level || i.rights.May(verb, &Job{Name: j.Name, Owner: j.Owner, Has: has})
}

// Some reports whether the client may do something with any job at all.
func (i *Identity) Some(verb request.Touch) bool { return verb <= i.level || i.rights.Some(verb) }

// Extent is for how many jobs a client may do something.
type Extent string

// The extents.
const (
	WithAll  Extent = "all" // also with what does not belong to a job
	WithSome Extent = "some"
	WithNone Extent = "none"
)

// Extent returns for how many jobs a verb is allowed. What path rules allow counts as some: they know no jobs.
func (i *Identity) Extent(verb request.Touch) Extent {
	switch {
	case i.May(verb, ""):
		return WithAll
	case i.Some(verb), i.rights.pathFor(verb):
		return WithSome
	}
	return WithNone
}

// Extents returns that of each verb, by its word.
func (i *Identity) Extents() map[string]Extent { return extents(i.Extent) }

// Everything is what anybody may do without access control.
func Everything() map[string]Extent {
	return extents(func(request.Touch) Extent { return WithAll })
}

func extents(of func(request.Touch) Extent) map[string]Extent {
	all := make(map[string]Extent)
	for _, verb := range append(slices.Clone(verbs), request.Manage) {
		all[verb.String()] = of(verb)
	}
	return all
}

// Path reports whether the path rules of the client's policies allow a request as a whole.
func (i *Identity) Path(method, path string) bool { return i.rights.Path(method, path) }

// Whole returns the client for a request that a path rule allows: such rules know no jobs.
func (i *Identity) Whole() *Identity {
	whole := *i
	whole.level = max(i.level, request.Admin)
	return &whole
}

// Manager reports whether the client may change policies and tokens.
func (i *Identity) Manager() bool { return i.level >= request.Manage }

// Who returns the client's name for people.
func (i *Identity) Who() string {
	if i.Token.Name != "" {
		return i.Token.Name
	}
	return i.Token.Accessor
}

// Owner returns the owner of jobs that the client creates without one.
func (i *Identity) Owner() string {
	if i.Person != nil {
		return i.Person.Name
	}
	return i.Token.Accessor
}

// Client names the client for limits: all that one token or one person does is one client's. It is empty for who has no name.
func (i *Identity) Client() string {
	if i.Person != nil {
		return "person " + i.Person.Issuer + " " + i.Person.Subject
	}
	return string(i.How) + " " + i.Token.Accessor
}

// Kind is what a refusal calls the client.
func (i *Identity) Kind() string {
	if i.How == dkron.ProofToken {
		return "token"
	}
	return "user"
}

// Refuse returns the error of something that the client may not do.
func (i *Identity) Refuse(verb request.Touch, object string) error {
	return dkron.Error(dkron.ErrForbidden, "%s %q may not %s %s; a policy with the verb %s would allow it", i.Kind(), i.Who(), verb, object, verb)
}

// aboutJob names a job in a refusal.
func aboutJob(job string) string { return fmt.Sprintf("job %.64q", job) }

func jobOf(d *index.Definition) *Job { return &Job{Name: d.Name, Owner: d.Owner, Has: d.Metadata.Has} }

type identityKey struct{}

// With returns a context with the client that makes a request.
func With(ctx context.Context, i *Identity) context.Context {
	o, _ := dkron.OriginOf(ctx)
	o.Accessor, o.Name, o.How = i.Token.Accessor, i.Token.Name, i.How
	if i.Session && i.How == dkron.ProofToken {
		o.How = dkron.ProofSession
	}
	if i.Person != nil {
		o.Subject = i.Person.Subject
	}
	ctx = dkron.WithOrigin(context.WithValue(ctx, identityKey{}, i), o)
	return dkron.WithActor(ctx, i.Who())
}

// Of returns the client that makes a request; nil if access control is off.
func Of(ctx context.Context) *Identity {
	i, _ := ctx.Value(identityKey{}).(*Identity)
	return i
}

// Sees returns what hides jobs that the client may not read; nil if it may read all.
func Sees(ctx context.Context) func(*index.Definition) bool {
	i := Of(ctx)
	if i == nil || i.May(request.Read, "") {
		return nil
	}
	return func(d *index.Definition) bool { return i.rights.May(request.Read, jobOf(d)) }
}

// SeesJob is Sees by the name of the job.
func SeesJob(ctx context.Context) func(job string) bool {
	i := Of(ctx)
	if i == nil || i.May(request.Read, "") {
		return nil
	}
	return func(job string) bool { return i.May(request.Read, job) }
}
