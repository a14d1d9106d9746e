package nats

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"dkron/plugin"
)

const (
	// connectLimit is how long one server may take to accept a connection.
	connectLimit = 5 * time.Second
	// writeLimit is how long a server may not read.
	writeLimit = 10 * time.Second
	// pings find servers that have gone without a word.
	pingEvery = 10 * time.Second
	pingsOut  = 2
	// maxSeedFile bounds files that the library searches line by line.
	maxSeedFile = 64 << 10
)

// client is a connection. The library does not make it again when it ends: the next execution does.
type client struct {
	nc *nats.Conn

	mu       sync.Mutex // guards the rest
	watchers map[*watcher]struct{}
	handled  error         // the violation of permissions that was handled last
	more     chan struct{} // closed when one has been handled
	noInbox  *refusal      // why no answer can be received: the library asks the server only once for it
}

// watcher is an execution whose message the server may refuse. The server names the subject, not the message.
type watcher struct {
	subject string
	inbox   bool // it waits for an answer
	refuse  context.CancelCauseFunc
}

// open makes a connection that ends with ctx.
func (k clientKey) open(ctx context.Context) (*client, error) {
	c := &client{watchers: make(map[*watcher]struct{}), more: make(chan struct{})}
	d := &dialer{ctx: ctx, framed: strings.Contains(k.urls, "ws://") || strings.Contains(k.urls, "wss://")}
	options := []nats.Option{
		nats.Name("dkron"), nats.NoReconnect(), nats.Timeout(connectLimit), nats.FlusherTimeout(writeLimit), nats.PingInterval(pingEvery),
		nats.MaxPingsOutstanding(pingsOut), nats.SkipHostLookup(), nats.SetCustomDialer(d),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { c.refused(err) }),
	}
	options, err := k.options(options)
	if err != nil {
		return nil, err
	}
	if c.nc, err = nats.Connect(k.urls, options...); err != nil {
		d.close()
		return nil, k.explain(ctx, d, err)
	}
	d.established()
	return c, nil
}

// options adds those that the job sets.
func (k clientKey) options(options []nats.Option) ([]nats.Option, error) {
	if k.tls.IsZero() {
		// A server or an address that wants TLS gets the system's authorities.
	} else if config, err := k.tls.Config(); err != nil {
		return nil, err
	} else {
		options = append(options, nats.Secure(config))
	}
	if k.tlsFirst {
		options = append(options, nats.Secure(), nats.TLSHandshakeFirst())
	}
	switch {
	case k.user != "":
		options = append(options, nats.UserInfo(k.user, k.password))
	case k.token != "":
		options = append(options, nats.Token(k.token))
	case k.creds.TooLarge(maxSeedFile):
		return nil, errors.New("credentialsFile: the file is too large for credentials")
	case k.credsFile != "":
		options = append(options, nats.UserCredentials(k.credsFile))
	case k.nkey.TooLarge(maxSeedFile):
		return nil, errors.New("nkeySeedFile: the file is too large for a seed")
	case k.nkeyFile != "":
		nkey, err := nats.NkeyOptionFromSeed(k.nkeyFile)
		if err != nil {
			return nil, fmt.Errorf("nkeySeedFile: %w", err)
		}
		options = append(options, nkey)
	}
	return options, nil
}

// explain says what a failed connection probably means.
func (k clientKey) explain(ctx context.Context, d *dialer, err error) error {
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errTooMuch):
		return fmt.Errorf("%w; check that url is the address of a NATS server", err)
	case d.failed() != nil && (errors.Is(err, nats.ErrNoServers) || !d.reached()):
		return fmt.Errorf("%w; check url, and that the server runs", d.failed())
	case errors.Is(err, nats.ErrNoInfoReceived):
		return fmt.Errorf("%w; what listens there is no NATS server, or wants TLS first: check the port, or set tlsHandshakeFirst", err)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the server closed the connection without a word; check that url is the address of a NATS server; one that wants TLS first needs tlsHandshakeFirst", err)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%w: the server has no TLS; remove tls:// from url and the keys of TLS, or turn TLS on in the server", err)
	case errors.Is(err, nats.ErrTLS) || strings.Contains(err.Error(), "tls: "):
		return fmt.Errorf("%w; check tlsRootCAsFile, the name in url, and whether the server wants a client certificate", err)
	case strings.Contains(strings.ToLower(err.Error()), "authorization") || strings.Contains(strings.ToLower(err.Error()), "authentication"):
		return fmt.Errorf("%w; check %s", err, k.whoKeys())
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%w: the server accepted the connection and said nothing for %s; check that url is the address of a NATS server; one that wants TLS first needs tlsHandshakeFirst", err, plugin.InWords(connectLimit))
	}
	return err
}

// whoKeys are the keys that say who connects.
func (k clientKey) whoKeys() string {
	switch {
	case k.user != "":
		return "userName and password"
	case k.token != "":
		return "token"
	case k.credsFile != "":
		return "credentialsFile"
	case k.nkeyFile != "":
		return "nkeySeedFile"
	}
	return "userName and password, token, credentialsFile or nkeySeedFile: none is set"
}

// Alive reports whether the connection still exists and serves everybody.
func (c *client) Alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nc.IsConnected() && c.noInbox == nil
}

// Close ends it.
func (c *client) Close() { c.nc.Close() }

// watch returns a context that ends if the server refuses a message on the subject, and a function to call at the end.
func (c *client) watch(ctx context.Context, subject string, inbox bool) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watcher{subject: subject, inbox: inbox, refuse: cancel}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchers[w] = struct{}{}
	if inbox && c.noInbox != nil {
		cancel(c.noInbox)
	}
	return ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers, w)
		cancel(nil)
	}
}

// refusal is the end of a watch.
type refusal struct{ error }

// refused handles what the server says of its own accord. The library calls it after it has set LastError, in the order of
// arrival.
func (c *client) refused(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	text := err.Error()
	if strings.Contains(text, `Subscription to "_INBOX`) {
		c.noInbox = &refusal{fmt.Errorf("the server does not let this user receive answers: allow it to subscribe to _INBOX.>: %w", err)}
	}
	for w := range c.watchers {
		switch {
		case strings.Contains(text, `Publish to "`+w.subject+`"`):
			w.refuse(&refusal{fmt.Errorf("the server does not let this user publish on %s: %w", w.subject, err)})
		case w.inbox && c.noInbox != nil:
			w.refuse(c.noInbox)
		}
	}
	c.handled = err
	close(c.more)
	c.more = make(chan struct{})
}

// settle returns when all refusals that have arrived have been handled.
func (c *client) settle(ctx context.Context) {
	for {
		last := c.nc.LastError()
		c.mu.Lock()
		handled, more := c.handled, c.more
		c.mu.Unlock()
		if !errors.Is(last, nats.ErrPermissionViolation) || last == handled { //nolint:errorlint // the same one, not the same kind
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}
