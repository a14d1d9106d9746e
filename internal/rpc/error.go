package rpc

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"dkron"
	"dkron/internal/standing"
)

// kinds maps each kind of error to its name on the wire. The name is sent as a trailer and is exact; the code is for
// other gRPC clients.
var kinds = []struct {
	kind error
	name string
	code codes.Code
}{
	{dkron.ErrInvalid, "invalid", codes.InvalidArgument},
	{dkron.ErrNotFound, "not_found", codes.NotFound},
	{dkron.ErrNoParent, "no_parent", codes.FailedPrecondition},
	{dkron.ErrConflict, "conflict", codes.FailedPrecondition},
	{dkron.ErrForbidden, "forbidden", codes.PermissionDenied},
	{dkron.ErrNoTarget, "no_target", codes.FailedPrecondition},
	{dkron.ErrPaused, "paused", codes.FailedPrecondition},
	{dkron.ErrForeign, "foreign", codes.FailedPrecondition},
	{dkron.ErrNoLeader, "no_leader", codes.Unavailable},
	{dkron.ErrUnavailable, "unavailable", codes.Unavailable},
}

const kindKey = "dkron-error"

// toStatus returns err as gRPC sends it, and the trailer that goes with it.
func toStatus(err error) (metadata.MD, error) {
	for _, k := range kinds {
		if errors.Is(err, k.kind) {
			return metadata.Pairs(kindKey, k.name), status.Error(k.code, err.Error())
		}
	}
	return nil, err
}

// fromStatus restores the kind of a call's error.
func fromStatus(err error, trailer metadata.MD) error {
	if err == nil {
		return nil
	}
	text := status.Convert(err).Message()
	for _, name := range trailer.Get(kindKey) {
		for _, k := range kinds {
			if k.name == name {
				return dkron.Error(k.kind, "%s", text)
			}
		}
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		return &signed{ErrUnreachable, text}
	case codes.Unimplemented:
		return &signed{ErrUnserved, text}
	}
	return dkron.Error(dkron.ErrUnavailable, "%s", text)
}

var (
	// ErrUnreachable is wrapped by the error of a call that no node answered.
	ErrUnreachable = errors.New("no node answers")
	// ErrUnserved is wrapped by the error of a call that the node does not serve: a call for servers that reached an
	// agent, or a node of another version.
	ErrUnserved = standing.ErrUnserved
)

// signed is an ErrUnavailable that wraps one of the errors above.
type signed struct {
	sign error
	text string
}

func (e *signed) Error() string   { return e.text }
func (e *signed) Unwrap() []error { return []error{dkron.ErrUnavailable, e.sign} }
