package syslogoutput

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const defaultTag = "[dkron]"

// facilities are in the order of their numbers, and severities too.
var (
	facilities = []string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
		"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
	severities = []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
)

// config is a job's configuration.
type config struct {
	network, address string // of net.Dial; both empty: the machine's own
	secure           bool   // TLS
	tls              keys.TLS
	facility         int
	severity, failed int // of successes, and of what else there is
	tag              string
	exact            bool // RFC 5424
	split            bool
	err              error
}

// read reads a configuration. Values that can't be read have their default.
func read(values map[string]string) (c config, found []plugin.Problem) {
	k := keys.Read(values)
	c.tls = k.TLS("tlsNoVerifyPeer")
	c.parseAddress(k, values["address"])
	c.facility = choose(k, "facility", facilities, "cron")
	c.severity = choose(k, "severity", severities, "info")
	c.failed = choose(k, "severity_failed", severities, severities[c.severity])
	c.exact = choose(k, "format", []string{"rfc3164", "rfc5424"}, "rfc3164") == 1
	if c.exact && (c.network == "" || c.network == "unix") && k.Err() == nil {
		k.Warn("format", "is rfc5424, which most syslog daemons do not expect on a local socket; leave it out, or write an address on the network")
	}
	c.split = k.Bool("split", false)
	c.tag = printable(values["tag"], maxTag)
	switch {
	case values["tag"] == "":
		c.tag = defaultTag
	case c.tag != values["tag"]:
		k.Warn("tag", "has characters that a tag can't have, or more than %d, so it is %s; write letters, digits and hyphens", maxTag, plugin.Shown(c.tag))
	}
	c.err = k.Err()
	return c, k.Problems()
}

// choose returns the index of a value in a list of them.
func choose(k *keys.Config, key string, values []string, without string) int {
	text := k.Text(key)
	i := slices.Index(values, strings.ToLower(text))
	if i >= 0 {
		return i
	}
	if text != "" {
		k.Warn(key, "is %s, which is unknown, so it is %s; write one of %s", plugin.Shown(text), without, strings.Join(values, ", "))
	}
	return slices.Index(values, without)
}

// parseAddress reads where to send.
func (c *config) parseAddress(k *keys.Config, text string) {
	if text == "" {
		if !c.tls.IsZero() {
			k.Warn("address", "is empty, so the keys of TLS have no effect; write one such as tls://logs.example.com:6514")
		}
		return
	}
	wrong := func(what string) {
		k.Fault("address", plugin.Odd, nil, "%s, so nothing is sent; write one such as udp://logs.example.com:514 or unix:///dev/log", what)
	}
	u, err := url.Parse(text)
	if err != nil {
		wrong("is not an address")
		return
	}
	port := "514"
	switch u.Scheme {
	case "unix":
		if u.Host != "" || u.Path == "" {
			wrong("has no path after unix://")
			return
		}
		c.network, c.address = "unix", u.Path
		return
	case "udp", "tcp":
		c.network = u.Scheme
	case "tls":
		c.network, c.secure, port = "tcp", true, "6514"
	default:
		wrong("begins with none of udp://, tcp://, tls:// and unix://")
		return
	}
	if u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		wrong("is not a host, perhaps with a port, after " + u.Scheme + "://")
		return
	}
	if u.Port() != "" {
		port = u.Port()
	}
	c.address = net.JoinHostPort(u.Hostname(), port)
	if !c.secure && !c.tls.IsZero() {
		k.Warn("address", "begins with %s://, so the keys of TLS have no effect; write tls://", u.Scheme)
	}
}

// maxTag is how many characters a tag may have: those of an APP-NAME in RFC 5424.
const maxTag = 48

// printable returns text with characters that a field of a message can have, and at most so many.
func printable(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return '_'
		}
		return r
	}, text)
	return text[:min(len(text), most)]
}
