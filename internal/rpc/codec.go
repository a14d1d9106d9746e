package rpc

import (
	"fmt"

	"google.golang.org/grpc/mem"

	"dkron/internal/codec"
)

// wire makes gRPC encode our messages. It is named proto because it writes protobuf.
type wire struct{}

func (wire) Name() string { return "proto" }

func (wire) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(codec.Message)
	if !ok {
		return nil, fmt.Errorf("rpc: %T is not a message", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(codec.Encode(m))}, nil
}

func (wire) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(codec.Message)
	if !ok {
		return fmt.Errorf("rpc: %T is not a message", v)
	}
	return codec.Decode(data.Materialize(), m)
}
