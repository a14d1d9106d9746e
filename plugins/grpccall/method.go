package grpccall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/jhump/protoreflect/v2/protoresolve"

	"dkron/plugin"
)

// method is what the server says of a method.
type method struct {
	protoreflect.MethodDescriptor
	path string
}

// messages returns what is sent: one message, or as many as the body has if the method takes a stream.
func (m *method) messages(body string, types protoresolve.TypeResolver) ([]proto.Message, error) {
	texts, err := split(body)
	if err != nil {
		return nil, err
	}
	if len(texts) > 1 && !m.IsStreamingClient() {
		return nil, fmt.Errorf("it has %d messages, but the method takes one", len(texts))
	}
	all := make([]proto.Message, len(texts))
	for i, text := range texts {
		all[i] = dynamicpb.NewMessage(m.Input())
		if err := (protojson.UnmarshalOptions{Resolver: types}).Unmarshal(text, all[i]); err != nil {
			return nil, errors.New(plain(err.Error()))
		}
	}
	return all, nil
}

// plain undoes what the library does to its texts so that nobody relies on them.
func plain(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

// call calls the method, and writes its answers to the output as they arrive. It never holds more than one of them.
func (m *method) call(ctx context.Context, client *client, messages []proto.Message, options []grpc.CallOption, out plugin.Status) *status.Status {
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan struct{})
	defer func() { cancel(); <-sent }()
	stream, err := client.conn.NewStream(ctx, &grpc.StreamDesc{
		StreamName: string(m.Name()), ClientStreams: m.IsStreamingClient(), ServerStreams: m.IsStreamingServer(),
	}, m.path, options...)
	if err != nil {
		close(sent)
		return status.Convert(err)
	}
	go func() {
		defer close(sent)
		for _, message := range messages {
			if stream.SendMsg(message) != nil {
				return // RecvMsg says why
			}
		}
		_ = stream.CloseSend()
	}()
	show := protojson.MarshalOptions{Resolver: client.types(ctx)}
	for {
		answer := dynamicpb.NewMessage(m.Output())
		switch err := stream.RecvMsg(answer); {
		case errors.Is(err, io.EOF):
			return status.New(codes.OK, "")
		case err != nil:
			return status.Convert(err)
		}
		out.Write(line(show, answer), false)
		if !m.IsStreamingServer() {
			return status.New(codes.OK, "")
		}
	}
}

// line is a message as a line of JSON.
func line(show protojson.MarshalOptions, message proto.Message) []byte {
	text, err := show.Marshal(message)
	if err != nil {
		return fmt.Appendf(nil, "Warning: an answer of %d bytes can't be shown as JSON: %s.\n", proto.Size(message), plain(err.Error()))
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil { // the library adds spaces at random
		return append(text, '\n')
	}
	return append(out.Bytes(), '\n')
}
