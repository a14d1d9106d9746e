package mail

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// login logs in by the best way that the server offers. Without TLS no password leaves this machine.
type login struct {
	server *Server
	smtp.Auth
}

// Start chooses the way.
func (l *login) Start(info *smtp.ServerInfo) (string, []byte, error) {
	s := l.server
	if !info.TLS && !s.local() {
		return "", nil, errors.New("the password is not sent without TLS, which the server does not offer; " +
			"use a port with TLS, such as 587 or 465, or leave out username and password")
	}
	for _, way := range []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.Username, s.Password)},
		{"PLAIN", smtp.PlainAuth("", s.Username, s.Password, info.Name, true)},
		{"LOGIN", smtp.LoginAuth(s.Username, s.Password, info.Name, true)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(s.Username, s.Password)},
	} {
		if slices.Contains(info.Auth, way.name) {
			l.Auth = way.auth
			return l.Auth.Start(info)
		}
	}
	if len(info.Auth) == 0 {
		return "", nil, errors.New("the server offers no login; leave out username and password, or use its port for clients, such as 587")
	}
	return "", nil, fmt.Errorf("the server offers only these ways to log in, none of which is known here: %s", strings.Join(info.Auth, " "))
}
