package pluginwire

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"dkron/internal/codec"
)

// Codec makes gRPC encode our messages, and the library's as it always does.
type Codec struct{}

// Name is that of the content type: both write protobuf.
func (Codec) Name() string { return grpcproto.Name }

// Marshal encodes a message.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	if m, ok := v.(codec.Message); ok {
		return mem.BufferSlice{mem.SliceBuffer(codec.Encode(m))}, nil
	}
	return encoding.GetCodecV2(grpcproto.Name).Marshal(v)
}

// Unmarshal decodes a message.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(codec.Message)
	if !ok {
		return encoding.GetCodecV2(grpcproto.Name).Unmarshal(data, v)
	}
	in, err := inOrder(data.Materialize())
	if err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	return codec.Decode(in, m)
}

// inOrder returns a message with its fields in the order of their numbers, as our codec expects them. Other writers of
// protobuf are free to use another.
func inOrder(data []byte) ([]byte, error) {
	type field struct {
		number protowire.Number
		bytes  []byte
	}
	var fields []field
	sorted := true
	for rest := data; len(rest) > 0; {
		number, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		sorted = sorted && (len(fields) == 0 || fields[len(fields)-1].number <= number)
		fields = append(fields, field{number, rest[:n]})
		rest = rest[n:]
	}
	if sorted {
		return data, nil
	}
	slices.SortStableFunc(fields, func(a, b field) int { return cmp.Compare(a.number, b.number) })
	out := make([]byte, 0, len(data))
	for _, f := range fields {
		out = append(out, f.bytes...)
	}
	return out, nil
}
