package config

import (
	"net"
	"net/netip"
)

// Guarded reports whether clients of the API have to say who they are.
func (c *Config) Guarded() bool { return c.ACLEnabled || c.Username != "" }

// Exposed reports whether other machines reach an API, at httpAddr, that asks nobody who they are.
func (c *Config) Exposed(httpAddr string) bool {
	host, _, err := net.SplitHostPort(httpAddr)
	if err != nil || c.Guarded() || !c.Server && !c.IsSet("http-addr") {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.IsLoopback()
}
