package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"dkron/internal/mail"
	"dkron/internal/mail/mailtest"
)

// send sends a message to a server on this machine.
func send(t *testing.T, s mail.Server, limit time.Duration) *mail.Error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	began := time.Now()
	err := mail.Send(ctx, s, mail.Message{ID: "x", To: []string{"a@b.c", "d@e.f"}, Text: "x"})
	if took := time.Since(began); took > limit+5*time.Second {
		t.Errorf("it took %s", took)
	}
	if err == nil {
		return nil
	}
	answer, ok := errors.AsType[*mail.Error](err)
	if !ok {
		t.Fatalf("%T %v", err, err)
	}
	return answer
}

func TestServersThatMisbehaveEndInTime(t *testing.T) {
	for name, c := range map[string]struct {
		answers   map[string]string
		want      string
		permanent bool
	}{
		"no greeting":          {map[string]string{"GREETING": "hang"}, "no answer in time", false},
		"not now":              {map[string]string{"GREETING": "421 too busy"}, "421 too busy", false},
		"reset":                {map[string]string{"GREETING": "reset"}, "connect: ", false},
		"no SMTP":              {map[string]string{"GREETING": "HTTP/1.1 400 Bad Request"}, "connect: ", false},
		"silence in the end":   {map[string]string{"END": "hang"}, "no answer in time", false},
		"reset in the end":     {map[string]string{"END": "reset"}, "the message: ", false},
		"reset at a recipient": {map[string]string{"RCPT": "reset"}, "recipient a@b.c: ", false},
		"no end of an answer":  {map[string]string{"EHLO": strings.Repeat("250-x\r\n", 200_000) + "250 ok"}, "more than", false},
		"no end of a line":     {map[string]string{"GREETING": "220 " + strings.Repeat("x", 2_000_000)}, "more than", false},
		"refused in the end":   {map[string]string{"END": "554 spam \x1b[31m\u0000 " + strings.Repeat("y", 5000)}, "554 spam [31m y", true},
		"deferred in the end":  {map[string]string{"END": "451 try again"}, "451 try again", false},
		"refuses all":          {map[string]string{"RCPT": "550 no"}, "a@b.c refused: 550 no; d@e.f refused: 550 no", true},
		"says goodbye never":   {map[string]string{"QUIT": "hang"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := mailtest.Hostile(t, mailtest.Script(c.answers))
			limit := time.Second
			if c.want == "" || strings.Contains(c.want, "more than") {
				limit = 10 * time.Second
			}
			err := send(t, mail.Server{Host: "127.0.0.1", Port: port, From: "a@b.c"}, limit)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			case err != nil && (err.Permanent() != c.permanent || len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\x1b\x00\n")):
				t.Errorf("permanent %t: %q", err.Permanent(), err.Error())
			}
		})
	}
}

func TestAServerThatCannotBeReachedIsNamedOnceWithTheCause(t *testing.T) {
	const refusing = 1
	port := mailtest.Hostile(t, mailtest.Script(map[string]string{"GREETING": "reset"}))
	for _, c := range []struct {
		server mail.Server
		cause  string
	}{
		{mail.Server{Port: refusing}, "connection refused"},
		{mail.Server{Port: refusing, TLS: mail.Implicit}, "connection refused"},
		{mail.Server{Port: port}, "connection reset by peer"},
	} {
		c.server.Host, c.server.From = "127.0.0.1", "a@b.c"
		want := fmt.Sprintf("mail server 127.0.0.1:%d: connect: %s", c.server.Port, c.cause)
		if err := send(t, c.server, time.Minute); err == nil || err.Error() != want || err.Permanent() {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestAPasswordIsGivenToNobodyWithoutTLS(t *testing.T) {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00me\x00s3cret"))
	port := mailtest.Hostile(t, mailtest.Script(map[string]string{"EHLO": "250-x\r\n250 AUTH PLAIN", "AUTH": "500 what is AUTH PLAIN " + plain + " and s3cret"}))
	err := send(t, mail.Server{Host: "127.0.0.1", Port: port, From: "a@b.c", Username: "me", Password: "s3cret"}, 5*time.Second)
	if err == nil || strings.Contains(err.Error(), plain) || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "what is AUTH") {
		t.Error(err)
	}
	other := ownAddress(t)
	if other == "" {
		return
	}
	var heard strings.Builder
	l, lerr := net.Listen("tcp", net.JoinHostPort(other, "0"))
	if lerr != nil {
		t.Skip(lerr)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		tee := &listening{Conn: conn, heard: &heard}
		mailtest.Script(map[string]string{"EHLO": "250-x\r\n250 AUTH PLAIN LOGIN CRAM-MD5"})(tee)
	}()
	err = send(t, mail.Server{Host: other, Port: l.Addr().(*net.TCPAddr).Port, From: "a@b.c", Username: "me", Password: "s3cret"}, 5*time.Second)
	<-done
	if err == nil || !strings.Contains(err.Error(), "the password is not sent without TLS") || strings.Contains(heard.String(), "AUTH") {
		t.Errorf("%v; heard: %s", err, heard.String())
	}
	required := mailtest.Hostile(t, mailtest.Script(nil))
	if err := send(t, mail.Server{Host: "127.0.0.1", Port: required, From: "a@b.c", TLS: mail.StartTLS}, 5*time.Second); err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Error(err)
	}
}

// listening keeps what is read.
type listening struct {
	net.Conn
	heard *strings.Builder
}

func (l *listening) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.heard.Write(p[:n])
	return n, err
}

// ownAddress returns an address of this machine that is not its loopback, if there is one.
func ownAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return ""
}

func TestProblemsNameTheSettingAndWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct {
		server mail.Server
		want   string
	}{
		{mail.Server{Host: "mx", From: "a@b.c"}, ""},
		{mail.Server{From: "a@b.c"}, "host is empty; write the name of the mail server"},
		{mail.Server{Host: "mx:25", From: "a@b.c"}, "host has a port in it; write host mx and port 25"},
		{mail.Server{Host: "::1", From: "a@b.c"}, ""},
		{mail.Server{Host: "mx", Port: 70000, From: "a@b.c"}, "port is 70000; write one from 1 to 65535, such as 587"},
		{mail.Server{Host: "mx", From: "me"}, `from is "me", which is not an address; write one such as dkron@example.com`},
		{mail.Server{Host: "mx", From: "a@b.c", Password: "s3cret"}, "password is set without username, so there is no login; set both or none"},
		{mail.Server{Host: "mx", From: "a@b.c", TLS: "on"}, `tls is "on"; write starttls, implicit or none, or leave it out for TLS if the server offers it`},
	} {
		var got []string
		for _, p := range c.server.Problems() {
			got = append(got, p.Field+" "+p.Text)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%+v: %q", c.server, got)
		}
	}
}

func TestListsOfAddressesAreSplit(t *testing.T) {
	for list, want := range map[string]string{
		"":                           "",
		"a@b.c":                      "a@b.c",
		" a@b.c , d@e.f,":            "a@b.c d@e.f",
		`"Smith, J" <j@b.c>, a@b.c`:  `"Smith, J" <j@b.c> a@b.c`,
		"a@b.c, nobody, Ops <d@e.f>": "a@b.c Ops <d@e.f> wrong: nobody",
	} {
		right, wrong := mail.Addresses(list)
		got := strings.Join(right, " ")
		if len(wrong) > 0 {
			got += " wrong: " + strings.Join(wrong, " ")
		}
		if got != want {
			t.Errorf("%q: %q", list, got)
		}
	}
}
