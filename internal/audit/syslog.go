package audit

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dkron/internal/clock"
)

const (
	dialTime  = 10 * time.Second
	writeTime = 10 * time.Second
	// packet is how many bytes a message may have where it is a packet.
	packet = 60_000
	// priority is that of the messages: facility 13, which is for audits, and severity notice.
	priority = 13*8 + 5
)

// Syslog sends lines as messages of RFC 5424: over TCP and TLS with their length before them, else as packets. On a socket of this
// machine they are of RFC 3164.
type Syslog struct {
	network, address string
	secure           bool
	host             string // in the messages
	conn             net.Conn
}

// NewSyslog returns the target at an address such as tls://logs.example.com:6514, or says what is wrong with it. server is the name that
// the messages have.
func NewSyslog(address, server string) (*Syslog, error) {
	s := &Syslog{host: printable(server)}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("it is not an address; write one such as udp://logs.example.com:514, tls://logs.example.com:6514 or unix:///dev/log")
	}
	port := "514"
	switch u.Scheme {
	case "unix":
		if u.Host != "" || u.Path == "" {
			return nil, errors.New("it has no path after unix://; write one such as unix:///dev/log")
		}
		s.network, s.address = "unix", u.Path
		return s, nil
	case "udp", "tcp":
		s.network = u.Scheme
	case "tls":
		s.network, s.secure, port = "tcp", true, "6514"
	default:
		return nil, errors.New("it begins with none of udp://, tcp://, tls:// and unix://")
	}
	if u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("it is not a host, perhaps with a port, after %s://", u.Scheme)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	s.address = net.JoinHostPort(u.Hostname(), port)
	return s, nil
}

// Write sends the lines.
func (s *Syslog) Write(ctx context.Context, lines [][]byte) error {
	if s.conn == nil {
		if err := s.dial(ctx); err != nil {
			return fmt.Errorf("syslog at %s: %w", s.address, err)
		}
	}
	conn := s.conn
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err := conn.SetWriteDeadline(time.Now().Add(writeTime))
	for i := 0; err == nil && i < len(lines); i++ {
		err = s.send(lines[i])
	}
	if err != nil {
		s.Close()
		return fmt.Errorf("syslog at %s: %w", s.address, err)
	}
	return nil
}

// send sends a message, shorter if the kernel takes no packet that is so long. On a socket of this machine daemons expect what the
// C library sends there, which is the older form, without a host.
func (s *Syslog) send(line []byte) error {
	head := fmt.Sprintf("<%d>1 %s %s dkron - audit - ", priority, clock.Now().Format("2006-01-02T15:04:05.000000Z07:00"), s.host)
	if s.network == "unix" {
		head = fmt.Sprintf("<%d>%s dkron: ", priority, clock.Now().Local().Format(time.Stamp))
	}
	message := append([]byte(head), line...)
	switch s.conn.RemoteAddr().Network() {
	case "unix":
		_, err := s.conn.Write(append(message, '\n'))
		return err
	case "tcp":
		_, err := s.conn.Write(append(strconv.AppendInt(nil, int64(len(message)), 10), append([]byte{' '}, message...)...))
		return err
	}
	for most := packet; ; most /= 2 {
		_, err := s.conn.Write(message[:min(len(message), most)])
		if !errors.Is(err, syscall.EMSGSIZE) || most < 1024 {
			return err
		}
	}
}

func (s *Syslog) dial(ctx context.Context) (err error) {
	dialer := &net.Dialer{Timeout: dialTime}
	switch {
	case s.secure:
		s.conn, err = (&tls.Dialer{NetDialer: dialer}).DialContext(ctx, s.network, s.address)
	case s.network == "unix":
		if s.conn, err = dialer.DialContext(ctx, "unixgram", s.address); err != nil {
			s.conn, err = dialer.DialContext(ctx, "unix", s.address)
		}
	default:
		s.conn, err = dialer.DialContext(ctx, s.network, s.address)
	}
	if err != nil {
		s.conn = nil
		return err
	}
	if s.network == "tcp" {
		s.notice(s.conn)
	}
	return nil
}

// notice closes a connection that the server closes: it never says anything, and what is written to it after that is lost.
func (s *Syslog) notice(conn net.Conn) {
	go func() {
		buffer := make([]byte, 256)
		for {
			if _, err := conn.Read(buffer); err != nil {
				conn.Close()
				return
			}
		}
	}()
}

// Close closes the connection.
func (s *Syslog) Close() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}

// printable returns a name with characters that a field of a message can have.
func printable(name string) string {
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return '_'
		}
		return r
	}, name)
	if name == "" {
		return "-"
	}
	return name[:min(len(name), 255)]
}
