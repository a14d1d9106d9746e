package config

import (
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/go-sockaddr/template"
)

// Machine is the part of this machine that addresses depend on.
type Machine interface {
	// Expand evaluates a go-sockaddr template. No match is an empty text, several addresses are an error.
	Expand(template string) (string, error)
	// LookupHost finds the IP addresses of a host name.
	LookupHost(name string) ([]string, error)
}

type thisMachine struct{}

func (thisMachine) Expand(text string) (string, error) {
	out, err := template.Parse(text)
	if err != nil {
		return "", err
	}
	out = strings.TrimSpace(out)
	if strings.ContainsAny(out, " \t\n") {
		return "", errors.New("multiple addresses found by " + text + "; narrow the template down to one")
	}
	return out, nil
}

// LookupHost has a time limit: a dead name server must not hang a node at its start.
func (thisMachine) LookupHost(name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return net.DefaultResolver.LookupHost(ctx, name)
}

func isTemplate(text string) bool { return strings.Contains(text, "{{") }

func wantsPrivateIP(text string) bool { return strings.Contains(text, "GetPrivateIP") }

var templateAndPort = regexp.MustCompile(`^(.*\}\})(:\d+)?$`)

// expand evaluates the template in an address. A port after it is split off first: appended to an IPv6 address it would
// read as part of that.
func expand(m Machine, raw string, defaultPort int) (endpoint, error) {
	raw = strings.TrimSpace(raw)
	parts := templateAndPort.FindStringSubmatch(raw)
	if parts == nil {
		if isTemplate(raw) {
			text, err := m.Expand(raw)
			if err != nil {
				return endpoint{}, err
			}
			raw = text
		}
		return parseEndpoint(raw, defaultPort)
	}
	text, err := m.Expand(parts[1])
	if err != nil {
		return endpoint{}, err
	}
	e, err := parseEndpoint(text, defaultPort)
	if err != nil || parts[2] == "" {
		return e, err
	}
	port, err := parseEndpoint(parts[2], defaultPort)
	port.host = e.host
	return port, err
}
