package rpc

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"dkron"
)

// kinds is the one table between the kinds of errors and their names on the wire. The code is for readers of other
// makes; the name, sent as a trailer, says the kind exactly.
var kinds = []struct {
	kind error
	name string
	code codes.Code
}{
	{dkron.ErrInvalid, "invalid", codes.InvalidArgument},
	{dkron.ErrNotFound, "not_found", codes.NotFound},
	{dkron.ErrNoParent, "no_parent", codes.FailedPrecondition},
	{dkron.ErrConflict, "conflict", codes.FailedPrecondition},
	{dkron.ErrNoTarget, "no_target", codes.FailedPrecondition},
	{dkron.ErrPaused, "paused", codes.FailedPrecondition},
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

// fromStatus gives an error of a call its kind back.
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
	return dkron.Error(dkron.ErrUnavailable, "%s", text)
}
