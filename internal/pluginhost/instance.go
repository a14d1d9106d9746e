package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hashicorp/go-hclog"

	"dkron/internal/pluginwire"
)

const (
	// startLimit is how long a plugin may take until it can be called.
	startLimit = 60 * time.Second
	// askLimit is how long it may take to describe itself.
	askLimit = 10 * time.Second
	// maxAnswer bounds what a plugin may answer at once. Its output in excess of the limit of executions is cut later.
	maxAnswer = 64 << 20
)

// instance is a running process of a plugin.
type instance struct {
	client  *goplugin.Client
	process *process
	conn    *grpc.ClientConn
	broker  *goplugin.GRPCBroker
	about   *pluginwire.Description // nil: it was not made with our kit
	since   time.Time

	// Guarded by the plugin's mutex.
	uses    int
	worked  bool // something has been executed
	retired bool // no new executions; it is killed when the last has ended
}

// dispensed is what the library makes of a connection.
type dispensed struct {
	goplugin.NetRPCUnsupportedPlugin
}

// connection is what calls need.
type connection struct {
	conn   *grpc.ClientConn
	broker *goplugin.GRPCBroker
}

// GRPCServer is for plugins.
func (dispensed) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the agent is no plugin")
}

// GRPCClient keeps the connection.
func (dispensed) GRPCClient(_ context.Context, broker *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return connection{conn, broker}, nil
}

// launch starts a process of the plugin, and returns when it can be called. It gives up when quit is closed.
func launch(path string, guards bool, quit <-chan struct{}, log hclog.Logger) (*instance, error) {
	i := &instance{since: time.Now()}
	i.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: pluginwire.ProtocolVersion, MagicCookieKey: pluginwire.CookieKey, MagicCookieValue: pluginwire.CookieValue,
		},
		Plugins:          goplugin.PluginSet{pluginwire.ExecutorKey: dispensed{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		StartTimeout:     startLimit,
		Logger:           log,
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			own := exec.Command(path)
			own.Env = cmd.Env
			i.process = newProcess(own, guards, quit)
			return i.process, nil
		},
	})
	if err := i.connect(); err != nil {
		i.client.Kill()
		return nil, i.explain(err)
	}
	close(i.process.ready)
	return i, nil
}

func (i *instance) connect() error {
	protocol, err := i.client.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(pluginwire.ExecutorKey)
	if err != nil {
		return err
	}
	c, ok := raw.(connection)
	if !ok {
		return fmt.Errorf("the library dispensed a %T", raw)
	}
	i.conn, i.broker = c.conn, c.broker
	ctx, cancel := context.WithTimeout(context.Background(), askLimit)
	defer cancel()
	about := new(pluginwire.Description)
	err = i.invoke(ctx, pluginwire.Method(pluginwire.KitService, pluginwire.Describe), new(pluginwire.Nothing), about)
	switch status.Code(err) {
	case codes.OK:
		i.about = about
		return nil
	case codes.Unimplemented: // made for v4
		return nil
	}
	return fmt.Errorf("ask it to describe itself: %w", err)
}

func (i *instance) invoke(ctx context.Context, method string, in, out any) error {
	return i.conn.Invoke(ctx, method, in, out, grpc.ForceCodecV2(pluginwire.Codec{}), grpc.MaxCallRecvMsgSize(maxAnswer))
}

// explain adds how the process ended to an error that its end has caused.
func (i *instance) explain(err error) error {
	if i.process == nil {
		return err
	}
	wait := 100 * time.Millisecond
	if status.Code(err) == codes.Unavailable { // the connection breaks before the guard has killed and reaped what is left
		wait = 2 * time.Second
	}
	select {
	case <-i.process.done:
		return fmt.Errorf("its process ended (%s): %w", i.process.gone(), err)
	case <-time.After(wait):
		return err
	}
}
