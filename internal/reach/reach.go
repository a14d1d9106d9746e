// Package reach decides which addresses a node calls for jobs and channels, and makes the connections to them.
//
// Whoever may write a job or a channel chooses the URL, and the call comes from inside the node's network. The decision is
// about the address that is dialled, after the name was resolved: a check of the URL would be undone by any name that
// somebody points elsewhere, and by a redirect.
package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// Policy says which addresses are called. It is immutable. Nil is the policy without settings: all addresses but those of
// LinkLocal and Metadata.
type Policy struct {
	deny  []rule
	allow []netip.Prefix
}

// rule is addresses that are not called, and what they are.
type rule struct {
	prefix netip.Prefix
	what   string
}

// Refusal is the error of a call to an address that the policy excludes. Nothing was sent.
type Refusal struct {
	host string // as the URL has it
	addr netip.Addr
	what string
}

func (r *Refusal) Error() string {
	is := r.addr.String() + " is " + r.what
	if r.host != "" && r.host != r.addr.String() {
		is = fmt.Sprintf("%s is %s, %s", r.host, r.addr, r.what)
	}
	return is + ", which this node does not call: set allow-addresses to allow it"
}

// DialContext connects like a net.Dialer, but to no address that the policy excludes; for one the error is a *Refusal. Of a name
// with several addresses it uses those that are left.
func (p *Policy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	// Control is called with each address that a name has, immediately before the connection is made. There is no second lookup
	// in between that could have another answer.
	dialer := net.Dialer{Control: func(_, addr string, _ syscall.RawConn) error { return p.control(addr) }}
	conn, err := dialer.DialContext(ctx, network, address)
	if refusal, ok := errors.AsType[*Refusal](err); ok { // without "dial tcp …", which says the same
		named := *refusal
		named.host, _, _ = net.SplitHostPort(address)
		return nil, &named
	}
	return conn, err
}

// control judges the address of a socket.
func (p *Policy) control(address string) error {
	if strings.HasPrefix(address, ":") { // of a URL such as http://:8080/
		address = "0.0.0.0" + address
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s can't be judged: %w", address, err)
	}
	if refusal := p.judge(at.Addr()); refusal != nil { // a nil *Refusal would be an error
		return refusal
	}
	return nil
}

// Via returns the function that chooses the proxy of a request, for http.Transport, with a check: a proxy would call an address
// that this node doesn't. Only an address in the URL can be judged; what a name means is known to the proxy alone.
func (p *Policy) Via(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if proxy == nil {
		return nil
	}
	return func(r *http.Request) (*url.URL, error) {
		through, err := proxy(r)
		if err != nil || through == nil {
			return nil, err
		}
		host := r.URL.Hostname()
		addr, err := netip.ParseAddr(host)
		if err != nil { // a name
			return through, nil
		}
		if refusal := p.judge(addr); refusal != nil {
			refusal.host = host
			return nil, refusal
		}
		return through, nil
	}
}

// judge returns why an address is not called, nil if it is.
func (p *Policy) judge(addr netip.Addr) *Refusal {
	if p == nil {
		p = standard
	}
	for _, meant := range meanings(addr) {
		if slices.ContainsFunc(p.allow, func(prefix netip.Prefix) bool { return prefix.Contains(meant) }) {
			continue
		}
		for _, r := range p.deny {
			if r.prefix.Contains(meant) {
				return &Refusal{addr: meant, what: r.what}
			}
		}
	}
	return nil
}

// translated is the prefix under which NAT64 offers IPv4 addresses: RFC 6052, section 2.1.
var translated = netip.MustParsePrefix("64:ff9b::/96")

// meanings returns every address that a connection to addr may reach, without zones, which no prefix contains. Each is judged, so that no
// spelling of an address gets around the policy.
func meanings(addr netip.Addr) []netip.Addr {
	addr = addr.WithZone("").Unmap()
	switch {
	case translated.Contains(addr):
		bytes := addr.As16()
		return []netip.Addr{addr, netip.AddrFrom4([4]byte(bytes[12:]))}
	case addr.IsUnspecified(): // systems connect 0.0.0.0 and :: to this machine
		return []netip.Addr{addr, netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	return []netip.Addr{addr}
}
