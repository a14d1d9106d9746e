package notify

import (
	"context"
	"fmt"
	"maps"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/near"
	"dkron/plugin"
)

// Messages go through stored channels. Each type of channel has a file with its sender.

// kind is a type of stored channels.
type kind struct {
	schema plugin.Schema
	send   func(ctx context.Context, m *outgoing) error
}

// kinds is every type. The key subject is of those whose messages have one; all have body and link.
func kinds() map[string]kind {
	return map[string]kind{
		dkron.ChannelMail:      {mailSchema, sendMail},
		dkron.ChannelWebhook:   {hookSchema, sendHook},
		dkron.ChannelSlack:     {slackSchema, sendSlack},
		dkron.ChannelTeams:     {teamsSchema, sendTeams},
		dkron.ChannelPagerDuty: {pagerDutySchema, sendPagerDuty},
		dkron.ChannelNtfy:      {ntfySchema, sendNtfy},
		dkron.ChannelJob:       {jobSchema, sendJob},
	}
}

// Launcher starts a job with a payload, for channels of the type job.
type Launcher func(ctx context.Context, job string, env map[string]string, payload string) error

// Outbox sends messages through stored channels.
type Outbox struct {
	*Notifier
	options *Options
	mail    Settings // those of the node, for mail channels that lack them
	kinds   map[string]kind
	launch  Launcher
	served  served
}

// NewOutbox returns an outbox that uses a node's settings for mail where a channel has none.
func NewOutbox(n *Notifier, s Settings, o Options, launch Launcher) *Outbox {
	o.client = n.client
	return &Outbox{Notifier: n, options: &o, mail: s, kinds: kinds(), launch: launch}
}

// ChannelType is a type of channels with its description, a JSON Schema of the settings.
type ChannelType struct {
	Name   string
	Schema plugin.Schema
}

// ChannelTypes returns every type of stored channels, by name.
func ChannelTypes() (list []ChannelType) {
	all := kinds()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, ChannelType{name, complete(all[name].schema)})
	}
	return list
}

// complete adds the keys that all types have.
func complete(s plugin.Schema) plugin.Schema {
	s.Properties = append(slices.Clone(s.Properties),
		plugin.Property{
			Name: "body", Title: "Body", Format: plugin.Multiline, Advanced: true,
			Description: "A template of the text, in Go's text/template; without it the type's own text is sent.",
			Examples:    []string{"{{ range .Items }}{{ .Title }}: {{ .Reason }}\n{{ end }}"},
		},
		plugin.Property{
			Name: "link", Title: "Address of the page", Advanced: true, Examples: []string{"https://dkron.example.com"},
			Description: "Messages link to launches there. Without it they link to the server that sends.",
		})
	return s
}

// maxSetting is how many bytes a setting may have.
const maxSetting = 64 << 10

// Check refuses a channel that can't work. The error names the field.
func (o *Outbox) Check(c *dkron.Channel) error {
	k, ok := o.kinds[c.Type]
	if !ok {
		return dkron.Invalid("type %.64q is unknown; there are %s", c.Type, strings.Join(slices.Sorted(maps.Keys(o.kinds)), ", "))
	}
	properties := complete(k.schema).Properties
	for key, text := range c.Settings {
		if !slices.ContainsFunc(properties, func(p plugin.Property) bool { return p.Name == key }) {
			return dkron.Invalid("settings.%.64s is unknown for the type %s; %s", key, c.Type, nearest(key, properties))
		}
		if len(text) > maxSetting {
			return dkron.Invalid("settings.%s has %d bytes; at most %d are allowed", key, len(text), maxSetting)
		}
		if err := checkReferences(key, text); err != nil {
			return err
		}
	}
	if err := checkHeaders(c.Settings["headers"]); err != nil {
		return err
	}
	for _, p := range properties {
		if err := checkSetting(&p, c.Settings[p.Name]); err != nil {
			return err
		}
	}
	if c.Type == dkron.ChannelMail {
		if err := checkAddresses(c.Settings); err != nil {
			return err
		}
	}
	for _, key := range []string{"subject", "body"} {
		if c.Settings[key] == "" {
			continue
		}
		if _, err := fill(key, c.Settings[key], sampleBrief()); err != nil {
			return dkron.Invalid("settings.%s: the template fails: %s", key, strings.TrimPrefix(err.Error(), "template: "))
		}
	}
	return nil
}

func checkSetting(p *plugin.Property, text string) error {
	switch {
	case text == "" && p.Required:
		return dkron.Invalid("settings.%s is missing: %s", p.Name, p.Description)
	case text == "":
	case p.Enum != nil && !slices.Contains(p.Enum, text):
		return dkron.Invalid("settings.%s must be one of %s", p.Name, strings.Join(p.Enum, ", "))
	case p.Format == plugin.Password && !refers(text):
		return dkron.Invalid("settings.%s holds a secret: refer to one that the servers have, such as %s", p.Name, howTo)
	case p.Format == plugin.Integer && !refers(text):
		if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 65535 {
			return dkron.Invalid("settings.%s must be a port, from 1 to 65535; write one such as %s", p.Name, p.Default)
		}
	case (p.Name == "url" || p.Name == "server" || p.Name == "link") && !refers(text):
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return dkron.Invalid("settings.%s is not an address; write one such as https://example.com/hook", p.Name)
		}
		if _, set := u.User.Password(); set {
			return dkron.Invalid("settings.%s holds a password: refer to one that the servers have, such as %s", p.Name, howTo)
		}
	}
	return nil
}

// checkAddresses refuses what no mail can be sent to, or from.
func checkAddresses(settings map[string]string) error {
	for _, key := range []string{"to", "from"} {
		text := settings[key]
		if refers(text) {
			continue
		}
		list := addresses(text)
		for _, one := range list {
			if _, err := netmail.ParseAddress(one); err != nil {
				return dkron.Invalid("settings.%s: %.64q is not an address; write one such as ops@example.com", key, one)
			}
		}
		if len(list) > 1 && key == "from" {
			return dkron.Invalid("settings.from has %d addresses; write one", len(list))
		}
	}
	return nil
}

// secretHeaders are parts of the names of headers by which a caller identifies itself.
var secretHeaders = []string{"authorization", "cookie", "api-key", "apikey", "token", "secret", "password"}

// checkHeaders refuses headers that can't be sent, and a login in plain sight.
func checkHeaders(text string) error {
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case !ok || !isToken(name):
			return dkron.Invalid("settings.headers: line %d is not a header; write Name: value", i+1)
		case slices.ContainsFunc(secretHeaders, func(part string) bool { return strings.Contains(name, part) }) && !refers(value):
			return dkron.Invalid("settings.headers: line %d (%s) holds a secret: refer to one that the servers have, such as %s", i+1, name, howTo)
		}
	}
	return nil
}

// nearest says what an unknown key may mean.
func nearest(key string, properties []plugin.Property) string {
	var all []string
	for _, p := range properties {
		if near.Distance(key[:min(len(key), 64)], p.Name) <= 2 {
			return "did you mean " + p.Name + "?"
		}
		all = append(all, p.Name)
	}
	return "there are " + strings.Join(all, ", ")
}

// outgoing is a message on its way through a channel, with its settings resolved.
type outgoing struct {
	*dkron.Brief
	outbox   *Outbox
	channel  *dkron.Channel
	settings map[string]string
}

// Send sends a message once, and returns within ctx. An error that has a method Permanent which returns true is a refusal; one that
// has a method Partly which returns true says who did not get it, while others have.
func (o *Outbox) Send(ctx context.Context, c *dkron.Channel, b *dkron.Brief) error {
	k, ok := o.kinds[c.Type]
	if !ok {
		return fmt.Errorf("this server has no channels of the type %s", c.Type)
	}
	m := &outgoing{Brief: b, outbox: o, channel: c, settings: make(map[string]string, len(c.Settings))}
	var secrets []string
	for _, key := range slices.Sorted(maps.Keys(c.Settings)) {
		value, found, err := o.options.resolve(key, c.Settings[key])
		if err != nil {
			return err // another server may have it, or this one after a restart
		}
		m.settings[key], secrets = value, append(secrets, found...)
	}
	if err := k.send(ctx, m); err != nil {
		return masked{err, secrets}
	}
	return nil
}

// Preview returns what would be sent, as far as templates make it.
func (o *Outbox) Preview(c *dkron.Channel, b *dkron.Brief) (subject, body string, err error) {
	m := &outgoing{Brief: b, outbox: o, channel: c, settings: c.Settings} // with references, not with secrets
	if subject, err = m.subject(); err == nil {
		body, err = m.body()
	}
	return subject, body, err
}

// subject returns the first line.
func (m *outgoing) subject() (string, error) {
	if text := m.settings["subject"]; text != "" {
		s, err := fill("subject", text, m.Brief)
		return strings.Join(strings.Fields(s), " "), err
	}
	return summary(m.Brief), nil
}

// body returns the text.
func (m *outgoing) body() (string, error) {
	if text := m.settings["body"]; text != "" {
		return fill("body", text, m.Brief)
	}
	return plain(m.Brief), nil
}

// fill renders a template of a channel.
func fill(name, text string, b *dkron.Brief) (string, error) {
	t, err := counted(name, text)
	if err != nil {
		return "", failed(name, err)
	}
	out := new(bounded)
	if err := t.Execute(out, messageView(b)); err != nil {
		return "", failed(name, err)
	}
	return out.String(), nil
}
