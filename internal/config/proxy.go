package config

import "net/netip"

// TrustedProxies returns the networks of proxies whose word about a client's address counts. Entries that can't be read are refused by
// Validate.
func (c *Config) TrustedProxies() (all []netip.Prefix) {
	for _, text := range c.HTTPTrustedProxies {
		if p, ok := prefixOf(text); ok {
			all = append(all, p)
		}
	}
	return all
}

// prefixOf reads an address or a prefix.
func prefixOf(text string) (netip.Prefix, bool) {
	if ip, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(ip.WithZone("").Unmap(), ip.Unmap().BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err == nil
}

func (c *Config) validateProxies() (problems []error) {
	for _, text := range c.HTTPTrustedProxies {
		if _, ok := prefixOf(text); !ok {
			problems = append(problems, c.problem("http-trusted-proxies", "want an address or a prefix, such as 10.0.0.7 or 10.0.0.0/8, not %q", text))
		}
	}
	return problems
}
