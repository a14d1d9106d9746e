package access

import (
	"context"

	"dkron"
	"dkron/internal/request"
)

// Door executes requests of clients that may make them. Requests are decided here, on the server that the client asked: the
// leader trusts the server that forwards one, as nodes trust each other in all else.
type Door struct {
	request.Doer
	On bool // else every request passes
}

// Do executes r if the client in ctx may make it; else the error is an ErrForbidden.
//
// A job that is written without an owner gets the client's: the accessor of a token, or the name of a person.
func (d Door) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	if !d.On {
		return d.Doer.Do(ctx, r)
	}
	i := Of(ctx)
	if i == nil {
		return nil, 0, dkron.Error(dkron.ErrForbidden, "%s was asked for by nobody that is known", r.Name())
	}
	if set, ok := r.(*request.SetJob); ok && set.Record.Job.Owner == "" {
		owned := *set
		owned.Record.Job.Owner = i.Owner()
		r = &owned
	}
	if err := i.check(r); err != nil {
		return nil, 0, err
	}
	return d.Doer.Do(ctx, r)
}

// check returns why the client may not make a request.
func (i *Identity) check(r request.Request) error {
	verb := r.Touches()
	aimed, ok := r.(request.Aimed)
	switch {
	case !ok && verb == request.Read: // it shows nothing of any job
		if !i.Some(verb) {
			return i.Refuse(verb, "anything")
		}
		return nil
	case !ok:
		if !i.May(verb, "") {
			return i.Refuse(verb, "all jobs, which "+r.Name()+" concerns")
		}
		return nil
	}
	set, writes := r.(*request.SetJob)
	for _, job := range aimed.Jobs() {
		if writes && i.jobs.Name(job) == nil {
			continue // a new one is judged by what it will be
		}
		if !i.May(verb, job) {
			return i.Refuse(verb, aboutJob(job))
		}
	}
	if writes && !i.mayWith(verb, &set.Record.Job) {
		return i.Refuse(verb, aboutJob(set.Record.Job.Name)+" with this owner and metadata")
	}
	return nil
}
