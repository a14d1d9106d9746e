package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

const (
	gossipPort = 8946
	httpPort   = 8080
	loopback   = "127.0.0.1"
)

// Addresses are where a node listens and what it advertises, with templates and host names resolved: each is ip:port,
// except that HTTPAddr has no host when it means all interfaces.
type Addresses struct {
	BindAddr      string // gossip, TCP and UDP
	AdvertiseAddr string // gossip, as advertised to others
	RPCBind       string
	RPCAdvertise  string // also this server's address in Raft
	HTTPAddr      string

	Notices []string // what the operator should know, one line each
}

// Addresses resolves the addresses on this machine.
func (c *Config) Addresses() (Addresses, error) { return c.AddressesOn(thisMachine{}) }

// AddressesOn resolves the addresses on the given machine.
//
// A node is never reachable from others by accident, and never fails for lack of a private address: where GetPrivateIP
// finds none, it listens on loopback and a notice says so.
func (c *Config) AddressesOn(m Machine) (Addresses, error) {
	var a Addresses
	bind, err := a.listen(m, "bind-addr", c.BindAddr, gossipPort)
	if err != nil {
		return a, err
	}
	if c.FreePorts {
		bind.port = 0
	} else if bind.port == 0 {
		return a, errors.New("--bind-addr: want a port from 1 to 65535")
	}
	if bind.host == "" { // ":8946"
		bind.host = "0.0.0.0"
	}
	advertise, err := c.advertise(m, &a, bind)
	if err != nil {
		return a, err
	}
	http, err := a.listen(m, "http-addr", c.HTTPAddr, httpPort)
	if err != nil {
		return a, err
	}
	rpcBind, rpcPort := c.RPCPort, c.AdvertiseRPCPort
	if rpcPort == 0 {
		rpcPort = c.RPCPort
	}
	if c.FreePorts {
		rpcBind, rpcPort, http.port = 0, 0, 0
	}
	a.BindAddr = bind.String()
	a.AdvertiseAddr = advertise.String()
	a.RPCBind = endpoint{host: bind.host, port: rpcBind}.String()
	a.RPCAdvertise = endpoint{host: advertise.host, port: rpcPort}.String()
	a.HTTPAddr = http.String()
	return a, nil
}

// PublicHTTP returns host:port of the API for other machines, given where it listens: on all interfaces, the advertised
// host. It is empty if the API listens on loopback and this node can be reached from other machines: an address that
// leads each of them to itself helps nobody.
func (a *Addresses) PublicHTTP(listening net.Addr) string {
	tcp, ok := listening.(*net.TCPAddr)
	if !ok {
		return ""
	}
	host, _, err := net.SplitHostPort(a.AdvertiseAddr)
	if err != nil {
		return ""
	}
	advertised, err := netip.ParseAddr(host)
	switch {
	case tcp.IP.IsUnspecified():
		return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
	case tcp.IP.IsLoopback() && (err != nil || !advertised.IsLoopback()):
		return ""
	}
	return tcp.String()
}

// ResolveAddr resolves the address of a node to call, host[:port] with templates; a host name is left to the dialler.
// If the template yields no host, it is loopback.
func ResolveAddr(template string, defaultPort int) (string, error) {
	return resolveAddrOn(thisMachine{}, template, defaultPort)
}

func resolveAddrOn(m Machine, template string, defaultPort int) (string, error) {
	e, err := expand(m, template, defaultPort)
	if err != nil {
		return "", err
	}
	if e.host == "" {
		if isTemplate(template) && !wantsPrivateIP(template) {
			return "", fmt.Errorf("no address on this machine matches %s", template)
		}
		e.host = loopback
	}
	return e.String(), nil
}

// listen resolves an address to listen on. A host name becomes its first IPv4 address, or else its first address.
func (a *Addresses) listen(m Machine, flag, raw string, defaultPort int) (endpoint, error) {
	if strings.TrimSpace(raw) == "" {
		return endpoint{}, fmt.Errorf("--%s: want an address", flag)
	}
	e, err := expand(m, raw, defaultPort)
	if err != nil {
		return e, fmt.Errorf("--%s: %w", flag, err)
	}
	switch {
	case e.host != "":
		e.host, err = lookup(m, flag, e.host)
		return e, err
	case !isTemplate(raw):
		return e, nil
	case !wantsPrivateIP(raw):
		return e, fmt.Errorf("--%s: no address on this machine matches %s; write an address of this machine", flag, raw)
	}
	// An empty host would mean all interfaces, which was not asked for.
	e.host = loopback
	a.notice("no private address on this machine: listening on %s; set --%s to be reachable from others", loopback, flag)
	return e, nil
}

// advertise resolves the advertised address: the one given, or one derived from where gossip listens.
func (c *Config) advertise(m Machine, a *Addresses, bind endpoint) (endpoint, error) {
	if strings.TrimSpace(c.AdvertiseAddr) != "" {
		return c.advertiseGiven(m, a, bind)
	}
	ip, err := netip.ParseAddr(bind.host)
	switch {
	case err != nil:
		return bind, fmt.Errorf("--bind-addr: %s is not an IP address", bind.host)
	case ip.IsLoopback() && len(a.Notices) == 0 && !c.Dev:
		a.notice("listening on and advertising %s: only nodes on this machine can join; "+
			"set --bind-addr or --advertise-addr to be reachable from others", bind.host)
	case ip.IsUnspecified():
		private, err := m.Expand("{{ GetPrivateIP }}")
		if err != nil {
			return bind, fmt.Errorf("--advertise-addr: %w", err)
		}
		if private == "" {
			private = loopback
			a.notice("no private address on this machine: advertising %s; "+
				"set --advertise-addr to be reachable from others", loopback)
		}
		bind.host = private
	}
	return bind, nil
}

func (c *Config) advertiseGiven(m Machine, a *Addresses, bind endpoint) (endpoint, error) {
	e, err := expand(m, c.AdvertiseAddr, gossipPort)
	if err != nil {
		return e, fmt.Errorf("--advertise-addr: %w", err)
	}
	if e.host == "" {
		return e, fmt.Errorf("--advertise-addr: %s yields no host; write the address that others reach this node at",
			c.AdvertiseAddr)
	}
	if e.host, err = lookup(m, "advertise-addr", e.host); err != nil {
		return e, err
	}
	if ip, err := netip.ParseAddr(e.host); err != nil || ip.IsUnspecified() {
		return e, fmt.Errorf("--advertise-addr: nobody can reach %s; write one address of this node", e.host)
	}
	if e.port == 0 {
		return e, errors.New("--advertise-addr: want a port from 1 to 65535")
	}
	if e.portAssumed && e.port != bind.port {
		a.notice("--advertise-addr has no port: advertising %d although gossip listens on %d; write the port",
			e.port, bind.port)
	}
	return e, nil
}

func (a *Addresses) notice(format string, args ...any) {
	a.Notices = append(a.Notices, fmt.Sprintf(format, args...))
}

// lookup finds the IP address of a host.
func lookup(m Machine, flag, host string) (string, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), nil
	}
	found, err := m.LookupHost(host)
	if err != nil {
		return "", fmt.Errorf("--%s: cannot resolve host %q: %w", flag, host, err)
	}
	if len(found) == 0 {
		return "", fmt.Errorf("--%s: host %q has no address", flag, host)
	}
	for _, text := range found {
		if ip, err := netip.ParseAddr(text); err == nil && ip.Is4() {
			return text, nil
		}
	}
	return found[0], nil
}

// endpoint is a host, which may be empty, and a port.
type endpoint struct {
	host        string
	port        int
	portAssumed bool // the text had none
}

func (e endpoint) String() string { return net.JoinHostPort(e.host, strconv.Itoa(e.port)) }

// parseEndpoint reads host, host:port, :port, an IPv6 address, or one in brackets with or without a port.
func parseEndpoint(text string, defaultPort int) (endpoint, error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if ip, err := netip.ParseAddr(bare); err == nil && (bare == text || ip.Is6()) {
		return endpoint{bare, defaultPort, true}, nil
	}
	if !strings.Contains(text, ":") {
		return endpoint{text, defaultPort, true}, nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return endpoint{}, fmt.Errorf("%q is not host:port", text)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return endpoint{}, fmt.Errorf("%q is not a port; want a number up to 65535", port)
	}
	return endpoint{host, int(n), false}, nil
}
