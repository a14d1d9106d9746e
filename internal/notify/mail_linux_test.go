package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/mail/mailtest"
)

// mailer returns the channel mail of settings for a server of a test, and trusts its certificate.
func mailer(t *testing.T, e *mailtest.Exim, s Settings) *Notifier {
	t.Helper()
	s.MailHost, s.MailPort, s.MailFrom, s.MailSubjectPrefix = "127.0.0.1", e.Port, "Dkron <dkron@example.com>", "[Dkron]"
	n := must(t, s)
	n.channels[dkron.ChannelMail].(*mailChannel).server.CAFile = e.CAFile
	return n
}

func mailTo(address string, o dkron.Outcome) *dkron.Notice {
	n := ended(o)
	n.To = address
	return n
}

// text returns what a mail says.
func text(t *testing.T, m mailtest.Mail) string {
	t.Helper()
	data := []byte(m.Text)
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		var err error
		if data, err = io.ReadAll(quotedprintable.NewReader(strings.NewReader(m.Text))); err != nil {
			t.Fatal(err)
		}
	}
	return strings.TrimRight(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
}

func TestMailIsThatOfV4AndGoesToAll(t *testing.T) {
	e := mailtest.StartExim(t)
	n := mailer(t, e, Settings{MailUsername: mailtest.Username, MailPassword: mailtest.Password})
	if err := n.Notify(t.Context(), dkron.ChannelMail, mailTo("a@open.test, Bea <b@elsewhere.test>; c@open.test", dkron.Failed)); err != nil {
		t.Fatal(err, e.Log())
	}
	all := e.Delivered(t, 3)
	var to []string
	for _, m := range all {
		to = append(to, m.To)
		if s := m.Header.Get("Subject"); s != "[Dkron]Failed backup execution report" {
			t.Errorf("subject %q", s)
		}
		if is := text(t, m); is != "line \"one\"\nline two" {
			t.Errorf("text %q", is)
		}
		if m.Header.Get("Message-Id") != all[0].Header.Get("Message-Id") {
			t.Error("the id of one mail differs")
		}
	}
	if slices.Sort(to); !slices.Equal(to, []string{"a@open.test", "b@elsewhere.test", "c@open.test"}) {
		t.Errorf("to %q", to)
	}
	other := mailer(t, e, Settings{MailPayload: "{{.JobName}} on {{.NodeName}}: {{.Success}}"})
	if err := other.Notify(t.Context(), dkron.ChannelMail, mailTo("d@open.test", dkron.Success)); err != nil {
		t.Fatal(err)
	}
	again := e.Delivered(t, 4)
	for _, m := range again {
		if m.To != "d@open.test" {
			continue
		}
		if s := m.Header.Get("Subject"); s != "[Dkron]Success backup execution report" || text(t, m) != "backup on node1: true" {
			t.Errorf("%q %q", s, text(t, m))
		}
		if m.Header.Get("Message-Id") != all[0].Header.Get("Message-Id") { // the same notice from another server
			t.Errorf("ids %q and %q", m.Header.Get("Message-Id"), all[0].Header.Get("Message-Id"))
		}
	}
}

func TestARefusedRecipientStopsNoOther(t *testing.T) {
	e := mailtest.StartExim(t)
	n := mailer(t, e, Settings{})
	if err := n.Notify(t.Context(), dkron.ChannelMail, mailTo("refused@open.test, a@open.test, nonsense", dkron.Failed)); err != nil {
		t.Errorf("although one has got it: %v", err)
	}
	e.Delivered(t, 1)
	err := n.Notify(t.Context(), dkron.ChannelMail, mailTo("refused@open.test", dkron.Failed))
	var p interface{ Permanent() bool }
	if !errors.As(err, &p) || !p.Permanent() || !strings.Contains(err.Error(), "no such mailbox") {
		t.Errorf("got %v", err)
	}
}

func TestWhoHasAMailDoesNotGetItAgainWhileAnotherIsDeferred(t *testing.T) {
	e := mailtest.StartExim(t)
	n := mailer(t, e, Settings{})
	notice := mailTo("a@open.test, later@open.test", dkron.Failed)
	for range 2 {
		err := n.Notify(t.Context(), dkron.ChannelMail, notice)
		var p interface{ Permanent() bool }
		if err == nil || errors.As(err, &p) && p.Permanent() {
			t.Fatalf("got %v", err)
		}
	}
	e.Relent(t)
	if err := n.Notify(t.Context(), dkron.ChannelMail, notice); err != nil {
		t.Fatal(err)
	}
	if all := e.Delivered(t, 2); all[0].To == all[1].To {
		t.Errorf("%s has it twice", all[0].To)
	}
}

func TestMailServersThatFail(t *testing.T) {
	for name, answers := range map[string]map[string]string{
		"says nothing": {"GREETING": "hang"}, "hangs in the middle": {"DATA": "hang"}, "resets": {"EHLO": "reset"}, "is busy": {"GREETING": "421 busy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := mailtest.Hostile(t, mailtest.Script(answers))
			n := must(t, Settings{MailHost: "127.0.0.1", MailPort: port, MailFrom: "dkron@example.com"})
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := n.Notify(ctx, dkron.ChannelMail, mailTo("a@open.test", dkron.Failed))
			var p interface{ Permanent() bool }
			if err == nil || errors.As(err, &p) && p.Permanent() {
				t.Errorf("got %v", err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Error(fmt.Sprint("it took ", took))
			}
		})
	}
}

func TestAnOwnerWithoutAnAddressIsARefusal(t *testing.T) {
	n := must(t, Settings{MailHost: "127.0.0.1", MailPort: 1, MailFrom: "dkron@example.com"})
	err := n.Notify(t.Context(), dkron.ChannelMail, mailTo(" , ;", dkron.Failed))
	var p interface{ Permanent() bool }
	if !errors.As(err, &p) || !p.Permanent() {
		t.Errorf("got %v", err)
	}
}

func TestAMailOfTheNodesOwnGoesThroughItsServer(t *testing.T) {
	e := mailtest.StartExim(t)
	o := &Outbox{Notifier: mailer(t, e, Settings{MailUsername: mailtest.Username, MailPassword: mailtest.Password})}
	if err := o.Mail(t.Context(), "a@open.test, b@elsewhere.test", "k/no-leader/7", "No leader", "Nothing is launched.\n"); err != nil {
		t.Fatal(err, e.Log())
	}
	for _, m := range e.Delivered(t, 2) {
		if s := m.Header.Get("Subject"); s != "[Dkron]No leader" || text(t, m) != "Nothing is launched." {
			t.Errorf("%s: %s: %s", m.To, s, text(t, m))
		}
	}
	if err := (&Outbox{Notifier: must(t, Settings{})}).Mail(t.Context(), "a@open.test", "k", "x", "x"); err == nil || !strings.Contains(err.Error(), "mail-host") {
		t.Errorf("without a server: %v", err)
	}
}
