package fluent

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// What applies when neither the job nor the agent's environment says anything else.
const (
	defaultHost    = "127.0.0.1"
	defaultPort    = "24224"
	defaultTag     = "dkron"
	defaultTimeout = 10 * time.Second
	maxTimeout     = 25 * time.Second // a server waits for 30 s
)

// settings is where a record is sent, and how.
type settings struct {
	address string
	host    string // as certificates name it
	tag     string
	ack     bool
	timeout time.Duration
	tls     bool
	certs   keys.TLS
	err     error // why nothing can be sent with this configuration
}

// read reads a configuration and returns its problems.
func (p *Processor) read(values map[string]string) (settings, []plugin.Problem) {
	c := keys.Read(values)
	s := settings{ack: c.Bool("require_ack", true), timeout: defaultTimeout, tag: p.tag, host: p.host, tls: c.Bool("tls", false), certs: c.TLS("tlsNoVerifyPeer")}
	s.tls = s.tls || !s.certs.IsZero()
	if v := strings.TrimSpace(values["tag"]); v != "" {
		s.tag = v
	}
	if v := strings.TrimSpace(values["host"]); v != "" {
		s.host = v
		if strings.ContainsAny(v, "/ ") {
			c.Fault("host", plugin.Hopeless, nil, "is %s, which is not a host, so nothing can be sent; write a name or an IP address alone", plugin.Shown(v))
		} else if _, _, err := net.SplitHostPort(v); err == nil {
			c.Fault("host", plugin.Hopeless, nil, "is %s, with a port, so nothing can be sent; write that under port", plugin.Shown(v))
		}
		s.host = strings.Trim(s.host, "[]")
	}
	port := p.port
	if v := strings.TrimSpace(values["port"]); v != "" {
		port = v
		if !isPort(v) {
			c.Fault("port", plugin.Hopeless, nil, "is %s, which is not a port, so nothing can be sent; write a number from 1 to 65535", plugin.Shown(v))
		}
	}
	s.address = net.JoinHostPort(s.host, port)
	if v := values["timeout"]; v != "" {
		n, err := strconv.Atoi(v)
		if d := time.Duration(n) * time.Second; err == nil && n > 0 && n <= int(maxTimeout/time.Second) {
			s.timeout = d
		} else {
			c.Warn("timeout", "is %s, not a number of seconds from 1 to 25, so %d applies", plugin.Shown(v), int(defaultTimeout.Seconds()))
		}
	}
	s.err = c.Err()
	return s, append(c.Problems(), plugin.CheckForward(values)...)
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// New returns the processor. getenv reads the agent's environment.
func New(getenv func(string) string) *Processor {
	p := new(Processor)
	or := func(name, without string) string {
		if v := strings.TrimSpace(getenv(name)); v != "" {
			return v
		}
		return without
	}
	p.host, p.port, p.tag = or("FLUENTBIT_HOST", defaultHost), or("FLUENTBIT_PORT", defaultPort), or("FLUENTBIT_TAG", defaultTag)
	if !isPort(p.port) {
		p.err = fmt.Errorf("the variable FLUENTBIT_PORT of the agent is %s, must be a number from 1 to 65535", plugin.Shown(p.port))
	}
	return p
}
