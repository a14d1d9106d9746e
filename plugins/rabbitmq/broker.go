package rabbitmq

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	// openTime bounds how long a connection may take to be made, whatever the job's timeout is.
	openTime = 30 * time.Second
	// closeTime is how long a broker gets to answer that a connection ends.
	closeTime = 5 * time.Second
	// maxAge is how long a connection gets new executions, so that a host that moves is followed.
	maxAge = time.Minute
	// maxLines is how many messages can be on their way on a connection at once. More wait.
	maxLines = 200
)

// broker is a connection with its lines.
type broker struct {
	conn  *amqp.Connection
	born  time.Time
	slots chan struct{} // one for each line that is in use
	free  chan *line

	mu      sync.Mutex // guards blocked
	blocked string     // why the broker takes no messages now; empty if it does
}

// line is a channel of AMQP. One message is on its way on a line at a time.
type line struct {
	*amqp.Channel
	returns chan amqp.Return
	closed  chan *amqp.Error
}

// open connects to a server. It ends early if ctx does.
func (s server) open(ctx context.Context) (*broker, error) {
	config := amqp.Config{Heartbeat: 10 * time.Second, Properties: amqp.NewConnectionProperties()}
	config.Properties.SetClientConnectionName("dkron")
	if s.user != "" {
		config.SASL = []amqp.Authentication{&amqp.PlainAuth{Username: s.user, Password: s.password}}
	}
	if !s.tls.IsZero() {
		var err error
		if config.TLSClientConfig, err = s.tls.Config(); err != nil {
			return nil, err
		}
		config.TLSClientConfig.MinVersion = tls.VersionTLS12
	}
	stop := func() bool { return true }
	config.Dial = func(network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: openTime}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		return &bounded{Conn: conn}, conn.SetDeadline(time.Now().Add(openTime)) // the library removes it once the connection is open
	}
	conn, err := amqp.DialConfig(s.url, config)
	stop()
	if err != nil {
		return nil, err
	}
	lines := maxLines
	if most := int(conn.Config.ChannelMax); most > 0 {
		lines = min(lines, most)
	}
	b := &broker{conn: conn, born: time.Now(), slots: make(chan struct{}, lines), free: make(chan *line, lines)}
	go b.watch(conn.NotifyBlocked(make(chan amqp.Blocking, 1)))
	return b, nil
}

// watch notes what the broker says of itself until the connection ends.
func (b *broker) watch(news <-chan amqp.Blocking) {
	for n := range news {
		b.mu.Lock()
		if b.blocked = ""; n.Active {
			b.blocked = n.Reason
		}
		b.mu.Unlock()
	}
}

// takesNothing returns why the broker takes no messages now, empty if it does.
func (b *broker) takesNothing() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.blocked
}

// Alive reports whether new executions may use the connection.
func (b *broker) Alive() bool { return !b.conn.IsClosed() && time.Since(b.born) < maxAge }

// Close ends the connection.
func (b *broker) Close() { _ = b.conn.CloseDeadline(time.Now().Add(closeTime)) }

// take returns a line that nobody uses. The caller gives it back with put or drop.
func (b *broker) take(ctx context.Context) (*line, error) {
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for {
		select {
		case l := <-b.free:
			if !l.IsClosed() {
				return l, nil
			}
			continue
		default:
		}
		l, err := b.line()
		if err != nil {
			<-b.slots
		}
		return l, err
	}
}

func (b *broker) line() (*line, error) {
	ch, err := b.conn.Channel()
	if err != nil {
		return nil, err
	}
	l := &line{ch, ch.NotifyReturn(make(chan amqp.Return, 1)), ch.NotifyClose(make(chan *amqp.Error, 1))}
	if err := ch.Confirm(false); err != nil {
		b.discard(l)
		return nil, err
	}
	return l, nil
}

func (b *broker) put(l *line) {
	b.free <- l // never blocks: there are no more lines than slots
	<-b.slots
}

// drop gives up a line of which it is not known what will come.
func (b *broker) drop(l *line) {
	b.discard(l)
	<-b.slots
}

func (b *broker) discard(l *line) {
	go func() { _ = l.Channel.Close() }() // may wait for the broker, or for the end of the connection
	go func() {
		for range l.returns { // what still comes must not block the connection
		}
	}()
}
