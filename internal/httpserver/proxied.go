package httpserver

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies is the networks of proxies in front, which name the client for whom they ask.
type proxies []netip.Prefix

// clientOf returns the address of the client of a request, as host:port: that of the connection, or what the proxies in front have
// added to X-Forwarded-For. Each adds whom it was asked by at the end, so the last one that is no trusted proxy is the client: what is
// before it may be the client's own invention. The port of an address that a proxy names is 0.
func (p proxies) clientOf(r *http.Request) string {
	if !p.sent(r) {
		return r.RemoteAddr
	}
	client := r.RemoteAddr
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		ip, ok := addressOf(strings.TrimSpace(hop))
		if !ok {
			break
		}
		client = netip.AddrPortFrom(ip, 0).String()
		if !p.has(ip) {
			break
		}
	}
	return client
}

// sent reports whether a request comes from a trusted proxy.
func (p proxies) sent(r *http.Request) bool {
	if len(p) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.has(peer.Addr())
}

func (p proxies) has(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(ip) })
}

// addressOf reads an address, which some proxies write with a port.
func addressOf(text string) (netip.Addr, bool) {
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip.Unmap(), true
	}
	host, _, err := net.SplitHostPort(text)
	if err != nil {
		host = strings.Trim(text, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap(), err == nil
}
