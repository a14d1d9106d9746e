package syslogoutput

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// goodbye is how long a server may take to close a connection on which all was sent.
const goodbye = 5 * time.Second

// send sends all messages of a result. After an error some may have been sent.
func (p *Processor) send(ctx context.Context, c config, req *plugin.ProcessRequest) error {
	conn, err := p.dial(ctx, &c)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	messages := c.messages(req, c.network == "udp" || c.network == "tcp")
	if conn.packets {
		err = conn.sendPackets(messages)
	} else {
		err = conn.sendStream(&c, messages)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("it did not take the output in time: %w", err)
	}
	return advise(fmt.Errorf("syslog at %s: %w", conn.where, err), conn.where)
}

// connection is one to a syslog.
type connection struct {
	net.Conn
	where   string // for people
	packets bool   // each write is a message
}

// dial connects to the syslog that the job names, or to that of the machine.
func (p *Processor) dial(ctx context.Context, c *config) (*connection, error) {
	if c.network == "" || c.network == "unix" {
		return p.dialLocal(ctx, c.address)
	}
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = new(net.Dialer)
	if c.secure {
		config, err := c.tls.Config()
		if err != nil {
			return nil, err
		}
		dialer = &tls.Dialer{Config: config}
	}
	conn, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return nil, advise(fmt.Errorf("syslog at %s: %w", c.address, err), c.address)
	}
	return &connection{conn, c.address, c.network == "udp"}, nil
}

// dialLocal connects to a socket, or to the first of the usual ones that there is.
func (p *Processor) dialLocal(ctx context.Context, path string) (*connection, error) {
	paths := p.sockets
	if path != "" {
		paths = []string{path}
	}
	var first error
	for _, path := range paths {
		for _, network := range []string{"unixgram", "unix"} {
			conn, err := new(net.Dialer).DialContext(ctx, network, path)
			if err == nil {
				return &connection{conn, path, network == "unixgram"}, nil
			}
			if first == nil || !errors.Is(err, syscall.ENOENT) && errors.Is(first, syscall.ENOENT) {
				first = err
			}
		}
	}
	return nil, fmt.Errorf("no syslog listens on %s of this server (%w); start a syslog daemon, or write the address of another machine's", strings.Join(paths, ", "), first)
}

// sendPackets sends each message as a packet, shorter if the kernel takes no such long ones.
func (c *connection) sendPackets(messages [][]byte) error {
	most := maxDatagram
	for _, m := range messages {
		m = bytes.ReplaceAll(m, []byte{0}, []byte("#000")) // for some the text would end there
		for {
			_, err := c.Write(cut(m, most))
			if err == nil {
				break
			}
			if !errors.Is(err, syscall.EMSGSIZE) || most < 1024 {
				return err
			}
			most /= 2
		}
	}
	return nil
}

// sendStream sends messages one after the other, and waits until the server has closed the connection: what a server has
// not read when it dies is lost, and a server that refuses a certificate says so only then.
func (c *connection) sendStream(config *config, messages [][]byte) error {
	w := bufio.NewWriter(c.Conn)
	for _, m := range messages {
		if _, err := w.Write(config.framed(m)); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	if err := half.CloseWrite(); err != nil {
		return err
	}
	if err := c.SetReadDeadline(time.Now().Add(goodbye)); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, io.LimitReader(c.Conn, 1<<20))
	late, isNet := errors.AsType[net.Error](err)
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) || isNet && late.Timeout() {
		return nil // not every server closes
	}
	return err
}

// advise adds to an error how to fix it.
func advise(err error, where string) error {
	if advice := keys.Advice(err.Error(), where); advice != "" {
		return fmt.Errorf("%w; %s", err, advice)
	}
	return err
}
