package dkron

import "context"

type actorKey struct{}

// WithActor returns a context that carries who made a request: a name, or the address that it came from.
func WithActor(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, actorKey{}, name)
}

// Actor returns who made the request, "" if unknown.
func Actor(ctx context.Context) string {
	name, _ := ctx.Value(actorKey{}).(string)
	return name
}
