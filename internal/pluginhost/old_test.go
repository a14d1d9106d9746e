//go:build unix

package pluginhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// serveOld is a plugin made for v4, from the pages of its protocol alone: it knows the library and bytes, and nothing of
// ours. Like all of them it dials the host before it works, and does not hear a stop.
func serveOld() {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "DKRON_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "b29a76488b6f3ca7955c5f769b50641f0fcd88748d8cedecda313d516320ca19",
		},
		Plugins: goplugin.PluginSet{"executor": &oldExecutor{}},
		GRPCServer: func(o []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(o, grpc.ForceServerCodecV2(rawCodec{}))...)
		},
	})
}

type oldExecutor struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (*oldExecutor) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("no host")
}

func (*oldExecutor) GRPCServer(broker *goplugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "types.v1.ExecutorService", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Execute", Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			in := new([]byte)
			if err := decode(in); err != nil {
				return nil, err
			}
			return oldExecute(ctx, broker, *in)
		}}},
	}, nil)
	return nil
}

func oldExecute(ctx context.Context, broker *goplugin.GRPCBroker, in []byte) (*[]byte, error) {
	job, config, id := oldRequest(in)
	conn, err := broker.DialWithOptions(id, grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{})))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	update := func(text string, isError bool) error {
		out := protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), text)
		if isError {
			out = protowire.AppendVarint(protowire.AppendTag(out, 3, protowire.VarintType), 1)
		}
		reply := new([]byte)
		err := conn.Invoke(ctx, "/types.v1.StatusHelperService/Update", &out, reply)
		if len(*reply) != 0 { // r = 0 is not written
			return fmt.Errorf("the update was answered with %x", *reply)
		}
		return err
	}
	var output, failure string
	switch config["do"] {
	case "echo":
		err = errors.Join(update("out ", false), update(config["text"], true))
	case "whole":
		err = update("half", false)
		output = "whole of " + job
	case "fail":
		output, failure = "some output", "it failed"
	case "large":
		output = string(bytes.Repeat([]byte("x"), 100<<20))
	case "error":
		return nil, errors.New("no such thing")
	case "deaf":
		child := exec.Command("sleep", "1000")
		if err := child.Start(); err != nil {
			return nil, err
		}
		if err := update(fmt.Sprintf("pids %d %d", os.Getpid(), child.Process.Pid), false); err != nil {
			return nil, err
		}
		select {} // it never ends
	}
	if err != nil {
		return nil, err
	}
	// The error first: writers of protobuf are free to.
	out := protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), failure)
	out = protowire.AppendString(protowire.AppendTag(out, 1, protowire.BytesType), output)
	return &out, nil
}

// oldRequest reads an ExecuteRequest, and skips fields that v4 does not have.
func oldRequest(in []byte) (job string, config map[string]string, id uint32) {
	config = make(map[string]string)
	for len(in) > 0 {
		number, typ, n := protowire.ConsumeTag(in)
		size := protowire.ConsumeFieldValue(number, typ, in[n:])
		value := in[n : n+size]
		switch number {
		case 1:
			b, _ := protowire.ConsumeBytes(value)
			job = string(b)
		case 2:
			entry, _ := protowire.ConsumeBytes(value)
			var pair [3]string
			for len(entry) > 0 {
				number, _, n := protowire.ConsumeTag(entry)
				b, m := protowire.ConsumeBytes(entry[n:])
				pair[number] = string(b)
				entry = entry[n+m:]
			}
			config[pair[1]] = pair[2]
		case 3:
			v, _ := protowire.ConsumeVarint(value)
			id = uint32(v)
		}
		in = in[n+size:]
	}
	return job, config, id
}

// rawCodec passes bytes as they are.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	if b, ok := v.(*[]byte); ok {
		return mem.BufferSlice{mem.SliceBuffer(*b)}, nil
	}
	return encoding.GetCodecV2("proto").Marshal(v)
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	if b, ok := v.(*[]byte); ok {
		*b = data.Materialize()
		return nil
	}
	return encoding.GetCodecV2("proto").Unmarshal(data, v)
}
