package notify

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/mail"
	"dkron/internal/reach"
)

// Settings are those of a node, by the names that users know.
type Settings struct {
	MailHost          string
	MailPort          int
	MailUsername      string
	MailPassword      string
	MailFrom          string
	MailPayload       string
	MailSubjectPrefix string

	WebhookEndpoint    string
	WebhookPayload     string
	WebhookHeaders     []string
	PreWebhookEndpoint string
	PreWebhookPayload  string
	PreWebhookHeaders  []string
	CronitorEndpoint   string
}

// Problem is a setting with which notices could not be sent as intended.
type Problem struct {
	Setting string
	Text    string // what is wrong, and what would be right; without secrets
}

// channel sends one notice.
type channel interface {
	send(ctx context.Context, n *dkron.Notice) error
}

// Notifier has the channels of a node.
type Notifier struct {
	channels map[string]channel
	client   *http.Client
}

// Options are what a Notifier has of its node.
type Options struct {
	Cluster func() string // the cluster's id, which makes those of notices unique
	Reach   *reach.Policy // which addresses are called; nil: the policy without settings
	// Secret returns the value of a stored secret; nil: there are none. Only stored channels have them.
	Secret func(name string) (string, error)
	Logger *slog.Logger

	client *http.Client
}

// New returns the channels that the settings ask for. refused are settings with which the node must not start, doubtful those
// that it warns of.
func New(s Settings, o Options) (n *Notifier, refused, doubtful []Problem) {
	o.client = newClient(o.Reach)
	b := builder{settings: s, options: o, channels: make(map[string]channel)}
	b.mail()
	b.webhook(dkron.ChannelWebhook, hook{"webhook-endpoint", "webhook-payload", "webhook-headers"}, s.WebhookEndpoint, s.WebhookPayload, s.WebhookHeaders)
	b.webhook(dkron.ChannelPreWebhook, hook{"pre-webhook-endpoint", "pre-webhook-payload", "pre-webhook-headers"}, s.PreWebhookEndpoint, s.PreWebhookPayload,
		s.PreWebhookHeaders)
	b.cronitor()
	return &Notifier{b.channels, o.client}, b.refused, b.doubtful
}

// Channels returns the names of the channels.
func (n *Notifier) Channels() (names []string) {
	for name := range n.channels {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Has reports whether there is a channel of that name.
func (n *Notifier) Has(name string) bool { return n.channels[name] != nil }

// Close closes connections that are kept open.
func (n *Notifier) Close() { n.client.CloseIdleConnections() }

// Notify sends a notice through a channel. An error that has a method Permanent which returns true is a refusal: another
// attempt will hardly do better.
func (n *Notifier) Notify(ctx context.Context, name string, notice *dkron.Notice) error {
	c := n.channels[name]
	if c == nil {
		return fmt.Errorf("this server's settings have no channel %s", name)
	}
	return c.send(ctx, notice)
}

// builder makes channels and collects what is wrong.
type builder struct {
	settings          Settings
	options           Options
	channels          map[string]channel
	refused, doubtful []Problem
}

func (b *builder) refuse(setting, format string, args ...any) {
	b.refused = append(b.refused, Problem{setting, fmt.Sprintf(format, args...)})
}

func (b *builder) doubt(setting, format string, args ...any) {
	b.doubtful = append(b.doubtful, Problem{setting, fmt.Sprintf(format, args...)})
}

// id returns what receivers know a notice by: the same in each attempt, and in no other cluster.
func (o *Options) id(n *dkron.Notice) string { return o.Cluster() + "/" + n.ID }

func (b *builder) mail() {
	s := &b.settings
	text := b.template("mail-payload", s.MailPayload)
	if s.MailHost == "" {
		for _, other := range []struct {
			name string
			set  bool
		}{{"mail-port", s.MailPort != 0}, {"mail-from", s.MailFrom != ""}, {"mail-payload", s.MailPayload != ""}} {
			if other.set {
				b.doubt(other.name, "without mail-host no mail is sent")
			}
		}
		return
	}
	if s.MailPort == 0 {
		b.doubt("mail-host", "without mail-port no mail is sent; set the port of the mail server, such as 587")
		return
	}
	server := mail.Server{Host: s.MailHost, Port: s.MailPort, Username: s.MailUsername, Password: s.MailPassword, From: s.MailFrom}
	for _, p := range server.Problems() {
		b.doubt("mail-"+p.Field, "%s; mails will fail", p.Text)
	}
	b.channels[dkron.ChannelMail] = &mailChannel{server: server, prefix: s.MailSubjectPrefix, body: text, options: &b.options}
}

// hook has the names of a webhook's settings.
type hook struct{ endpoint, payload, headers string }

func (b *builder) webhook(name string, names hook, endpoint, payload string, headers []string) {
	text := b.template(names.payload, payload)
	w := &webhook{url: endpoint, body: text, options: &b.options}
	for i, entry := range headers {
		if problem := w.header(entry); problem != "" {
			b.refuse(names.headers, "number %d %s", i+1, problem)
		}
	}
	switch {
	case endpoint == "" && payload == "" && len(headers) == 0:
	case endpoint == "":
		b.doubt(names.endpoint, "is not set, so nothing is sent: %s and %s are of no use without it", names.payload, names.headers)
	case payload == "":
		b.doubt(names.endpoint, "without %s nothing is sent; set the template of the body", names.payload)
	case b.address(names.endpoint, endpoint) && text != nil:
		b.channels[name] = w
	}
}

func (b *builder) cronitor() {
	if at := b.settings.CronitorEndpoint; at != "" && b.address("cronitor-endpoint", at) {
		b.channels[dkron.ChannelCronitor] = &cronitor{endpoint: strings.TrimRight(at, "/"), options: &b.options}
	}
}
