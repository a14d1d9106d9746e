package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

const (
	// longest is the time limit if the context has none.
	longest = time.Minute
	// maxRead is how many bytes are read from a server: an answer without an end must not fill the memory.
	maxRead = 256 << 10
	// quitTime is how long a server may take to say goodbye to a message that it has accepted.
	quitTime = 2 * time.Second
)

// Send gives a message to a server. Any error is an *Error. Recipients that the server refuses don't stop the others.
func Send(ctx context.Context, s Server, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	e := new(Error)
	from, err := netmail.ParseAddress(s.From)
	if err != nil {
		return e.fail(&s, "from", fmt.Errorf("%q is not an address; write one such as dkron@example.com", s.From), false)
	}
	var to []*netmail.Address
	var names []string // of to, as the caller wrote them
	for _, text := range m.To {
		address, err := netmail.ParseAddress(text)
		if err != nil {
			e.refuse(text, "it is not an address")
			continue
		}
		to, names = append(to, address), append(names, text)
	}
	if len(to) == 0 {
		if len(m.To) == 0 {
			return e.fail(&s, "to", errors.New("there is no recipient"), true)
		}
		return e
	}
	d := delivery{server: &s, outcome: e, message: m.compose(from, to)}
	defer d.close()
	return d.send(ctx, from, to, names)
}

// delivery is a message on its way.
type delivery struct {
	server  *Server
	outcome *Error
	message *gomail.Msg
	conn    net.Conn // nil before it is made
	stop    func() bool
}

func (d *delivery) close() {
	if d.conn != nil {
		d.stop()
		d.conn.Close()
	}
}

// send connects, and gives the message to all recipients whom the server accepts.
func (d *delivery) send(ctx context.Context, from *netmail.Address, to []*netmail.Address, names []string) error {
	fail := func(doing string, err error, never bool) error {
		if late, ok := errors.AsType[net.Error](err); ctx.Err() != nil || ok && late.Timeout() {
			err, never = fmt.Errorf("no answer in time: %w", err), false
		}
		return d.outcome.fail(d.server, doing, err, never)
	}
	client, err := d.dial(ctx, append([]*netmail.Address{from}, to...))
	if err != nil {
		return fail("connect", err, false)
	}
	if err := client.Mail(envelope(from)); err != nil {
		return fail("sender "+from.Address, err, false) // fixed by another sender in the settings
	}
	for i, address := range to {
		if err := client.Rcpt(envelope(address)); !d.outcome.answer(names[i], err) {
			return fail("recipient "+address.Address, err, false)
		}
	}
	if len(d.outcome.Accepted) == 0 {
		return d.outcome
	}
	w, err := client.Data()
	if err == nil {
		if _, err = d.message.WriteTo(w); err != nil {
			return fail("send the message", err, false) // its end is not sent, so that nobody gets half of it
		}
		err = w.Close()
	}
	if err != nil {
		return fail("the message", err, codeOf(err) >= 500)
	}
	if client.UpdateDeadline(quitTime) == nil {
		_ = client.Quit() // the message was accepted, whatever comes of it
	}
	return d.outcome.result()
}

// envelope returns an address for a command of SMTP.
func envelope(a *netmail.Address) string { return (&netmail.Address{Address: a.Address}).String() }

// dial connects and logs in. The connection ends with the context.
func (d *delivery) dial(ctx context.Context, all []*netmail.Address) (*smtp.Client, error) {
	s := d.server
	config, err := s.tlsConfig()
	if err != nil {
		return nil, err
	}
	policy := gomail.TLSOpportunistic
	switch {
	case s.implicit() || s.TLS == NoTLS:
		policy = gomail.NoTLS // of STARTTLS
	case s.TLS == StartTLS:
		policy = gomail.TLSMandatory
	}
	deadline, _ := ctx.Deadline()
	options := []gomail.Option{
		gomail.WithPort(s.port()), gomail.WithTimeout(max(time.Until(deadline), time.Millisecond)),
		gomail.WithTLSConfig(config), gomail.WithTLSPolicy(policy),
		gomail.WithDialContextFunc(func(_ context.Context, network, address string) (net.Conn, error) {
			return d.connect(ctx, network, address, config)
		}),
	}
	if s.Username != "" && s.Password != "" {
		options = append(options, gomail.WithSMTPAuthCustom(&login{server: s}))
	}
	if ascii(all) {
		options = append(options, gomail.WithoutSMTPUTF8()) // not every server on the way can do it
	}
	client, err := gomail.NewClient(s.Host, options...)
	if err != nil {
		return nil, err
	}
	return client.DialToSMTPClientWithContext(ctx)
}

// connect makes the connection.
func (d *delivery) connect(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.conn = conn
	d.stop = context.AfterFunc(ctx, func() { conn.Close() })
	limited := &limitedConn{conn, maxRead}
	if !d.server.implicit() {
		return limited, nil
	}
	secure := tls.Client(limited, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, nil
}

// ascii reports whether all addresses can be sent without the extension SMTPUTF8.
func ascii(all []*netmail.Address) bool {
	for _, a := range all {
		for i := range len(a.Address) {
			if a.Address[i] >= 0x80 {
				return false
			}
		}
	}
	return true
}

// limitedConn is a connection from which only so many bytes are read.
type limitedConn struct {
	net.Conn
	left int
}

// Read reads what is left at most.
func (c *limitedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, fmt.Errorf("it has sent more than %d bytes, which no mail server does", maxRead)
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}
