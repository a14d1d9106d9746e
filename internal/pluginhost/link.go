package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"strings"
	"sync/atomic"
	"syscall"

	goplugin "github.com/hashicorp/go-plugin"

	"dkron/internal/pluginwire"
)

// link is the connection to a process of a processor: net/rpc, as v4 has it.
type link struct {
	conn  *bounded
	calls *rpc.Client
	// turn is held by the call in progress, if the process was made for v4: such processors keep what one job has configured
	// while they work, so calls at the same time would mix up jobs.
	turn chan struct{}
}

// handle is what the library makes of a dispensed processor.
type handle struct{ calls *rpc.Client }

// Server is for plugins.
func (dispensed) Server(*goplugin.MuxBroker) (any, error) {
	return nil, errors.New("the agent is not a plugin")
}

// Client keeps the connection.
func (dispensed) Client(_ *goplugin.MuxBroker, calls *rpc.Client) (any, error) {
	return handle{calls}, nil
}

// connectLink connects to a processor that is listening. Something must end the process if it does not answer.
func connectLink(addr net.Addr, out, errs io.Writer) (*link, error) {
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		return nil, err
	}
	b := &bounded{Conn: conn}
	client, err := goplugin.NewRPCClient(b, goplugin.PluginSet{pluginwire.ProcessorKey: dispensed{}})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := client.SyncStreams(copied{out, b}, copied{errs, b}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	raw, err := client.Dispense(pluginwire.ProcessorKey)
	if err != nil {
		return nil, errors.Join(b.explain(err), conn.Close())
	}
	h, ok := raw.(handle)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the library dispensed a %T", raw), conn.Close())
	}
	return &link{conn: b, calls: h.calls, turn: make(chan struct{}, 1)}, nil
}

// begin begins a call. Its error comes when it has ended. A process that does not read may hold up the request as well.
func (l *link) begin(method string, in, out any) <-chan error {
	ended := make(chan error, 1)
	go func() {
		c := <-l.calls.Go(pluginwire.ProcessorService+"."+method, in, out, make(chan *rpc.Call, 1)).Done
		if c.Error == nil {
			l.conn.ahead.Store(0)
		}
		ended <- l.conn.explain(c.Error)
	}()
	return ended
}

// invoke makes a call that is left when ctx ends.
func (l *link) invoke(ctx context.Context, method string, in, out any) error {
	select {
	case err := <-l.begin(method, in, out):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// broken reports whether an error means that no other call can succeed.
func broken(err error) bool {
	var answered rpc.ServerError
	return err != nil && !errors.As(err, &answered)
}

// lacks reports whether an error means that the processor does not have the method.
func lacks(err error) bool {
	var answered rpc.ServerError
	return errors.As(err, &answered) && strings.HasPrefix(string(answered), pluginwire.NoMethod)
}

// errTooLong is the error of calls whose answer is longer than maxAnswer.
var errTooLong = fmt.Errorf("it answered with more than %d MiB", maxAnswer>>20)

// bounded is a connection that ends when more than maxAnswer bytes have come that are not the answer of an ended call.
type bounded struct {
	net.Conn
	ahead atomic.Int64
}

// Read reads.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if b.ahead.Add(int64(n)) > maxAnswer {
		return 0, errTooLong
	}
	return n, err
}

// Write writes. When the other end is gone, or ours is closed, the bytes are dropped: the reader learns of it, and yamux would only
// print a line of its own to standard error at each end of a plugin.
func (b *bounded) Write(p []byte) (int, error) {
	n, err := b.Conn.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed) {
		return len(p), nil
	}
	return n, err
}

// explain returns what a connection that has ended is the consequence of.
func (b *bounded) explain(err error) error {
	if err != nil && b.ahead.Load() > maxAnswer {
		return errTooLong
	}
	return err
}

// copied is a stream of the plugin: its bytes are no answer.
type copied struct {
	to   io.Writer
	from *bounded
}

// Write copies.
func (c copied) Write(p []byte) (int, error) {
	c.from.ahead.Add(-int64(len(p)))
	return c.to.Write(p)
}
