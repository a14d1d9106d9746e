package mail

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"strconv"
)

// Values of Server.TLS.
const (
	Automatic = ""         // Implicit on port 465; on others StartTLS if the server offers it
	StartTLS  = "starttls" // nothing is sent to a server that does not offer it
	Implicit  = "implicit" // TLS from the first byte
	NoTLS     = "none"
)

const (
	plainPort    = 25
	implicitPort = 465
)

// Server is a mail server, and how it is used.
type Server struct {
	Host               string
	Port               int    // 0: 465 with TLS from the first byte, otherwise 25
	Username, Password string // without both there is no login
	From               string // an address, perhaps with a name: Dkron <dkron@example.com>
	TLS                string
	CAFile             string // PEM; replaces the system's certificate authorities
	InsecureSkipVerify bool
}

// Problem is a setting of a Server with which nothing, or not what was meant, can be sent.
type Problem struct {
	Field string // host, port, username, password, from or tls
	Text  string // continues the field; it has no secret in it
}

// Problems returns what is wrong with the settings.
func (s *Server) Problems() (found []Problem) {
	say := func(field, format string, args ...any) {
		found = append(found, Problem{field, fmt.Sprintf(format, args...)})
	}
	if host, port, err := net.SplitHostPort(s.Host); s.Host == "" {
		say("host", "is empty; write the name of the mail server")
	} else if err == nil {
		say("host", "has a port in it; write host %s and port %s", host, port)
	}
	if s.Port < 0 || s.Port > 65535 {
		say("port", "is %d; write one from 1 to 65535, such as 587", s.Port)
	}
	if _, err := netmail.ParseAddress(s.From); err != nil {
		say("from", "is %q, which is not an address; write one such as dkron@example.com", s.From)
	}
	if (s.Username == "") != (s.Password == "") {
		set, other := "username", "password"
		if s.Username == "" {
			set, other = other, set
		}
		say(set, "is set without %s, so there is no login; set both or none", other)
	}
	switch s.TLS {
	case Automatic, StartTLS, Implicit, NoTLS:
	default:
		say("tls", "is %q; write starttls, implicit or none, or leave it out for TLS if the server offers it", s.TLS)
	}
	return found
}

// address returns where to connect to.
func (s *Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.port())) }

func (s *Server) port() int {
	switch {
	case s.Port != 0:
		return s.Port
	case s.TLS == Implicit:
		return implicitPort
	}
	return plainPort
}

// implicit reports whether TLS begins with the first byte.
func (s *Server) implicit() bool {
	return s.TLS == Implicit || s.TLS == Automatic && s.port() == implicitPort
}

// local reports whether the server is on this machine, so that no network sees what is sent to it.
func (s *Server) local() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.InsecureSkipVerify} //nolint:gosec // what the settings ask for
	if s.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authorities: no certificate in %s", s.CAFile)
	}
	return config, nil
}
