package mail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"dkron/internal/mail"
	"dkron/internal/mail/mailtest"
)

// server returns how to use a server of a test.
func server(e *mailtest.Exim) mail.Server {
	return mail.Server{Host: "127.0.0.1", Port: e.Port, From: "Dkron <dkron@example.com>", CAFile: e.CAFile}
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	e := mailtest.StartExim(t)
	s := server(e)
	text := "Grüße\n.\nFrom here a long line: " + strings.Repeat("x", 2000) + "\n\x00end\n"
	if err := mail.Send(t.Context(), s, mail.Message{ID: "a.1-n1", To: []string{"Ops <ops@open.test>"}, Subject: "Jöb\r\nX-Injected: 1", Text: text}); err != nil {
		t.Fatal(err, e.Log())
	}
	m := e.Delivered(t, 1)[0]
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Jöb X-Injected: 1" || m.Header.Get("X-Injected") != "" {
		t.Errorf("%q, %v", subject, err)
	}
	got, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(m.Text)))
	if want := text; err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != want && strings.TrimRight(string(got), "\r\n") != strings.TrimRight(want, "\n") {
		t.Errorf("%q, %v", got, err)
	}
	for header, want := range map[string]string{
		"From": `"Dkron" <dkron@example.com>`, "To": `"Ops" <ops@open.test>`, "Message-Id": "<a.1-n1@example.com>", "Auto-Submitted": "auto-generated",
	} {
		if m.Header.Get(header) != want {
			t.Errorf("%s: %q, want %q", header, m.Header.Get(header), want)
		}
	}
	if !strings.Contains(m.Header.Get("Received"), "with esmtps") { // STARTTLS was offered
		t.Error(m.Header.Get("Received"))
	}
}

func TestTLSAndLogins(t *testing.T) {
	e := mailtest.StartExim(t)
	set := func(change func(s *mail.Server)) mail.Server {
		s := server(e)
		change(&s)
		return s
	}
	login := func(s *mail.Server) { s.Username, s.Password = mailtest.Username, mailtest.Password }
	delivered := 0
	for name, c := range map[string]struct {
		server mail.Server
		want   string // in the error; empty: it is delivered
	}{
		"a login":                       {set(login), ""},
		"no login":                      {server(e), "relay not permitted"},
		"TLS from the first byte":       {set(func(s *mail.Server) { login(s); s.Port, s.TLS = e.SecurePort, mail.Implicit }), ""},
		"a wrong password":              {set(func(s *mail.Server) { s.Username, s.Password = mailtest.Username, "wr0ng" }), "535"},
		"an unknown authority":          {set(func(s *mail.Server) { s.CAFile = "" }), "unknown authority"},
		"any certificate":               {set(func(s *mail.Server) { login(s); s.CAFile, s.InsecureSkipVerify = "", true }), ""},
		"a missing file of authorities": {set(func(s *mail.Server) { s.CAFile = "/missing.pem" }), "certificate authorities: open /missing.pem"},
		"no TLS":                        {set(func(s *mail.Server) { s.TLS = mail.NoTLS; login(s) }), ""}, // on this machine
		"a wrong sender":                {set(func(s *mail.Server) { s.From = "refused@example.com" }), "this sender is not welcome"},
		"no sender":                     {set(func(s *mail.Server) { s.From = "" }), "is not an address"},
	} {
		err := mail.Send(t.Context(), c.server, mail.Message{To: []string{"ops@closed.test"}, Subject: name, Text: name})
		if c.want == "" {
			delivered++
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		answer, ok := errors.AsType[*mail.Error](err)
		if !ok || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("%s: %v", name, err)
		} else if answer.Permanent() != (name == "no login") { // settings can be fixed
			t.Errorf("%s: permanent %t", name, answer.Permanent())
		}
	}
	e.Delivered(t, delivered)
}

func TestARecipientWhoIsRefusedDoesNotStopTheOthers(t *testing.T) {
	e := mailtest.StartExim(t)
	m := mail.Message{To: []string{"refused@open.test", "ops@open.test", "later@open.test", "no address"}, Text: "x"}
	err := mail.Send(t.Context(), server(e), m)
	answer, ok := errors.AsType[*mail.Error](err)
	if !ok || answer.Permanent() || answer.Whole() || fmt.Sprint(answer.Accepted) != "[ops@open.test]" || len(answer.Refused) != 2 || len(answer.Deferred) != 1 ||
		!strings.Contains(answer.Refused["refused@open.test"], "550 no such mailbox") || !strings.Contains(answer.Deferred["later@open.test"], "451 greylisted") {
		t.Errorf("%+v", err)
	}
	e.Relent(t)
	m.To = []string{"later@open.test", "refused@open.test"}
	err = mail.Send(t.Context(), server(e), m)
	if answer, ok = errors.AsType[*mail.Error](err); !ok || !answer.Permanent() {
		t.Errorf("%+v", err)
	}
	if all := e.Delivered(t, 2); all[0].To == all[1].To {
		t.Errorf("%v", all)
	}
}

func TestAMessageThatIsTooLongIsRefusedForGood(t *testing.T) {
	e := mailtest.StartExim(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := mail.Send(ctx, server(e), mail.Message{To: []string{"ops@open.test"}, Text: strings.Repeat("0123456789\n", 50_000)})
	answer, ok := errors.AsType[*mail.Error](err)
	if !ok || !answer.Permanent() || !answer.Whole() || len(answer.Accepted) > 0 {
		t.Errorf("%+v", err)
	}
}
