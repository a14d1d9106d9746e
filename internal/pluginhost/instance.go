package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	// endLimit is how long a process may take to end when it is asked to. The library's limit is shorter, but begins with an
	// answer.
	endLimit = 5 * time.Second
	// maxAnswer bounds what a plugin may answer at once. Its output in excess of the limit of executions is cut later.
	maxAnswer = 64 << 20
)

// instance is a running process of a plugin.
type instance struct {
	client  *goplugin.Client
	process *process
	conn    *grpc.ClientConn // of an executor
	broker  *goplugin.GRPCBroker
	link    *link                   // of a processor; nil for an executor
	about   *pluginwire.Description // nil: it was not made with our kit
	since   time.Time
	of      stamp         // the file when it was started
	left    chan struct{} // closed when it is retired

	// Guarded by the plugin's mutex.
	uses      int
	worked    bool  // something has been executed
	retired   bool  // no new executions; it is killed when the last has ended
	killedFor error // why we have killed it under its executions; nil: we have not
}

// dispensed is what the library makes of a connection.
type dispensed struct{}

// connection is what calls need.
type connection struct {
	conn   *grpc.ClientConn
	broker *goplugin.GRPCBroker
}

// GRPCServer is for plugins.
func (dispensed) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the agent is not a plugin")
}

// GRPCClient keeps the connection.
func (dispensed) GRPCClient(_ context.Context, broker *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return connection{conn, broker}, nil
}

// launch starts a process of a plugin, and returns when it can be called. It gives up when the host is closed.
func (h *Host) launch(f *file, log hclog.Logger) (*instance, error) {
	i := &instance{since: time.Now(), of: stampOf(f.path), left: make(chan struct{})}
	cfg := &goplugin.ClientConfig{
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: pluginwire.ProtocolVersion, MagicCookieKey: pluginwire.CookieKey, MagicCookieValue: pluginwire.CookieValue,
		},
		Plugins:          goplugin.PluginSet{pluginwire.ExecutorKey: dispensed{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		StartTimeout:     startLimit,
		SkipHostEnv:      true, // environ decides
		Logger:           calm{log, func() bool { return i.process != nil && i.process.ended() }},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			own := exec.Command(f.path)
			own.Env = append(environ(os.Environ(), h.cfg.PassEnv), cmd.Env...)
			i.process = newProcess(own, h.cfg.Guard, h.quit)
			return i.process, nil
		},
	}
	printed := &logged{log: log.Debug}
	cfg.SyncStdout, cfg.SyncStderr = printed, printed
	connect := i.connect
	if f.kind == Processor {
		cfg.Plugins = goplugin.PluginSet{pluginwire.ProcessorKey: dispensed{}}
		cfg.AllowedProtocols = []goplugin.Protocol{goplugin.ProtocolNetRPC}
		cfg.SyncStdout, cfg.SyncStderr = h.cfg.Stdout, h.cfg.Stderr
		connect = func() error { return i.connectProcessor(h.cfg.Stdout, h.cfg.Stderr) }
	}
	i.client = goplugin.NewClient(cfg)
	if err := connect(); err != nil {
		i.end()
		err = i.explain(err)
		if i.process != nil {
			if text := i.process.words.String(); text != "" {
				err = fmt.Errorf("%w; it wrote to standard error: %s", err, text)
			}
		}
		return nil, err
	}
	i.process.words.end()
	close(i.process.ready)
	return i, nil
}

// calm is the library's log, without its complaint that a process that has ended can't be asked to end.
type calm struct {
	hclog.Logger
	ended func() bool
}

// Error logs.
func (c calm) Error(msg string, args ...any) {
	if c.ended() {
		c.Debug(msg, args...)
		return
	}
	c.Logger.Error(msg, args...)
}

// Warn logs.
func (c calm) Warn(msg string, args ...any) {
	if c.ended() {
		c.Debug(msg, args...)
		return
	}
	c.Logger.Warn(msg, args...)
}

// end asks the process to end, and kills it, with all that it has started, if it does not. It returns after its end.
func (i *instance) end() {
	if i.process != nil {
		late := time.AfterFunc(endLimit, func() { _ = i.process.Kill(context.Background()) })
		defer late.Stop()
	}
	i.client.Kill()
	if i.link != nil {
		_ = i.link.conn.Close()
	}
}

// connectProcessor connects to a processor. A process that listens and does not answer is killed.
func (i *instance) connectProcessor(out, errs io.Writer) error {
	addr, err := i.client.Start()
	if err != nil {
		return err
	}
	late := time.AfterFunc(askLimit, func() { _ = i.process.Kill(context.Background()) })
	defer late.Stop()
	if i.link, err = connectLink(addr, out, errs); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askLimit)
	defer cancel()
	about := new(pluginwire.Description)
	err = i.link.invoke(ctx, pluginwire.Describe, new(pluginwire.Nothing), about)
	switch {
	case err == nil:
		i.about = about
	case !lacks(err): // what was made for v4 lacks it
		return fmt.Errorf("ask it to describe itself: %w", err)
	}
	return nil
}

// ask calls a method that only plugins of our kit have.
func (i *instance) ask(ctx context.Context, method string, in, out any) error {
	if i.link != nil {
		return i.link.invoke(ctx, method, in, out)
	}
	return i.invoke(ctx, pluginwire.Method(pluginwire.KitService, method), in, out)
}

// connect connects to an executor.
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

// deathLimit is how long the report of a process's end is waited for after its connection has ended, on a machine however busy.
const deathLimit = 15 * time.Second

// explain adds how the process ended to an error that its end has caused.
func (i *instance) explain(err error) error {
	if i.process == nil {
		return err
	}
	wait := 100 * time.Millisecond
	switch {
	case errors.Is(err, errTooLong): // the process is alive, and it is this end that broke the connection
	case status.Code(err) == codes.Unavailable || i.link != nil && broken(err): // the connection breaks before the guard has killed and reaped what is left
		wait = deathLimit
	}
	select {
	case <-i.process.done:
		return fmt.Errorf("its process ended (%s): %w", i.process.gone(), err)
	case <-time.After(wait):
		return err
	}
}
