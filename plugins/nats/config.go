package nats

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const wantURL = "it must be one address or several, separated by commas, such as nats://localhost:4222 or tls://nats.example.com"

// config is a job's configuration, checked as far as possible without sending anything.
type config struct {
	*keys.Config
	connection
	subject, message string
	headers          []keys.Pair
	timeout          time.Duration // 0: none
	jetstream, reply bool
}

// connection is all settings of a connection.
type connection struct {
	urls           string
	user, password string
	token          string
	nkeyFile       string
	credsFile      string
	tls            keys.TLS
	tlsFirst       bool
}

// clientKey is what executions must share to share a connection: the settings, and the state of their files.
type clientKey struct {
	connection
	tlsStamps   [3]keys.Stamp
	nkey, creds keys.Stamp
}

// Check returns what is wrong with a configuration. It depends only on config, so that every node gives the same result.
func (*Executor) Check(values map[string]string) []plugin.Problem {
	c := parse(values)
	c.Debug()
	return c.Problems()
}

// parse reads as much as it can despite faults, so that all warnings can be shown.
func parse(values map[string]string) *config {
	c := &config{Config: keys.Read(values)}
	c.urls = c.Required("url", wantURL)
	c.subject = c.Required("subject", "it must be a name such as orders.nightly")
	c.message = c.Text("message")
	c.headers = c.Headers()
	c.timeout = c.Timeout()
	c.jetstream, c.reply = c.Bool("jetstream", false), c.Bool("reply", false)
	c.user, c.password, c.token = c.Text("userName"), c.Text("password"), c.Text("token")
	c.nkeyFile, c.credsFile = c.Text("nkeySeedFile"), c.Text("credentialsFile")
	c.tls, c.tlsFirst = c.TLS("tlsNoVerifyPeer"), c.Bool("tlsHandshakeFirst", false)
	c.checkURLs()
	c.checkSubject()
	c.checkHeaders()
	c.checkWho()
	if c.jetstream && c.reply {
		c.Fault("reply", plugin.Hopeless, nil, "and jetstream exclude each other: a stream confirms the message instead of answering it; set one of them")
	}
	return c
}

// checkURLs finds addresses to which nothing can be sent. No text includes one: it may have a password.
func (c *config) checkURLs() {
	if c.urls == "" {
		return
	}
	wrong := func(what string) { c.Fault("url", plugin.Hopeless, nil, "%s; %s", what, wantURL) }
	some := false
	for text := range strings.SplitSeq(c.urls, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		some = true
		if !strings.Contains(text, "://") {
			text = "nats://" + text
		}
		u, err := url.Parse(text)
		switch {
		case err != nil:
			if in := (*url.Error)(nil); errors.As(err, &in) {
				err = in.Err
			}
			wrong("can't be parsed: " + keys.RedactText(err.Error()))
			return
		case u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss":
			wrong("begins with " + plugin.Shown(u.Scheme+"://"))
			return
		case u.Hostname() == "":
			wrong("names no host")
			return
		}
	}
	if !some {
		wrong("names no server")
	}
}

func (c *config) checkSubject() {
	switch {
	case c.subject == "":
	case strings.ContainsFunc(c.subject, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		c.Fault("subject", plugin.Hopeless, nil, "%s has a space or control character, which no subject may have; write words separated by dots, such as orders.nightly", plugin.Shown(c.subject))
	case strings.HasPrefix(c.subject, ".") || strings.HasSuffix(c.subject, ".") || strings.Contains(c.subject, ".."):
		c.Warn("subject", "%s has an empty word, so nobody can subscribe to it; write words separated by single dots, such as orders.nightly", plugin.Shown(c.subject))
	case strings.ContainsAny(c.subject, "*>"):
		c.Warn("subject", "%s has a wildcard, which means nothing for the sender; name one subject", plugin.Shown(c.subject))
	}
}

func (c *config) checkHeaders() {
	for i, h := range c.headers {
		if strings.ContainsFunc(h.Name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			c.Fault("headers", plugin.Odd, nil, `has an invalid name in entry %d, so every execution fails; write "Name: value" with letters, digits and - in the name`, i+1)
		}
		if strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			c.Fault("headers", plugin.Odd, nil, "has a line break or another control character in the value of entry %d, so every execution fails; remove it", i+1)
		}
	}
}

// checkWho finds credentials of which not all would be used.
func (c *config) checkWho() {
	if c.password != "" && c.user == "" {
		c.Fault("password", plugin.Odd, nil, "is set without userName, so every execution fails; set both or none")
	}
	var ways []string
	for _, way := range [][2]string{{"userName", c.user}, {"token", c.token}, {"nkeySeedFile", c.nkeyFile}, {"credentialsFile", c.credsFile}} {
		if way[1] != "" {
			ways = append(ways, way[0])
		}
	}
	if len(ways) > 1 {
		c.Fault(ways[1], plugin.Odd, nil, "and %s are both set, so every execution fails: a connection has one kind of credentials; remove one", ways[0])
	}
}

// key returns what executions must share to share a connection. Every file must exist.
func (c *config) key() (k clientKey, err error) {
	k.connection = c.connection
	if k.tlsStamps, err = c.tls.Stamps(); err != nil {
		return k, err
	}
	if k.nkey, err = keys.StampOf(c.nkeyFile); err != nil {
		return k, err
	}
	k.creds, err = keys.StampOf(c.credsFile)
	return k, err
}
