package dkron

import "context"

type actorKey struct{}

// WithActor returns a context for what somebody asks for: a name, or the address that a request came from.
func WithActor(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, actorKey{}, name)
}

// Actor returns who asks, "" if nobody is known.
func Actor(ctx context.Context) string {
	name, _ := ctx.Value(actorKey{}).(string)
	return name
}
