package config

import (
	"net/netip"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
)

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// meant is headers that say something else.
var meant = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie", "Forwarded", "Host", "If-None-Match", "Last-Event-Id",
	"Origin", "Referer", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
}

// validateHeader refuses settings by which a header would name users for nobody, or for anybody.
func (c *Config) validateHeader() (problems []error) {
	bad := func(name, format string, args ...any) { problems = append(problems, c.problem(name, format, args...)) }
	if c.HTTPUserHeader == "" {
		for _, name := range []string{"http-groups-header", "http-header-roles", "http-header-default-role"} {
			if c.IsSet(name) {
				bad(name, "it has no effect without --http-user-header, the header in which a proxy names the user")
			}
		}
		return problems
	}
	for _, h := range []struct{ setting, name string }{{"http-user-header", c.HTTPUserHeader}, {"http-groups-header", c.HTTPGroupsHeader}} {
		name := textproto.CanonicalMIMEHeaderKey(h.name)
		if name != "" && (!headerName.MatchString(name) || slices.Contains(meant, name) || strings.HasPrefix(name, "Sec-")) {
			bad(h.setting, "want the name of a header of its own, such as X-Forwarded-User, of letters, digits and -; not %q", h.name)
		}
	}
	if strings.EqualFold(c.HTTPUserHeader, c.HTTPGroupsHeader) {
		bad("http-groups-header", "it is the header of the user; name another one")
	}
	if len(c.HTTPTrustedProxies) == 0 {
		bad("http-user-header", "--http-trusted-proxies is missing: without the addresses of the proxies, anybody could name any user")
	}
	for _, p := range c.TrustedProxies() {
		if p.Bits() == 0 {
			bad("http-trusted-proxies", "%s is every address, so with --http-user-header anybody could name any user; write the addresses of the proxies", p)
		}
	}
	if !c.ACLEnabled {
		bad("http-user-header", "it has no effect without --acl-enabled, since then everybody may do everything")
	}
	problems = append(problems, c.validateGroups("http-header-roles", c.HTTPHeaderRoles, "http-header-default-role", c.HTTPHeaderDefaultRole)...)
	switch {
	case len(c.HTTPHeaderRoles) == 0 && c.HTTPHeaderDefaultRole == "":
		bad("http-header-roles", "it is missing, so whom the proxy names could do nothing; write group=policy, such as ops=admin, or set --http-header-default-role")
	case len(c.HTTPHeaderRoles) > 0 && c.HTTPGroupsHeader == "":
		bad("http-header-roles", "it has no effect without --http-groups-header, the header in which the proxy names groups")
	}
	return problems
}

// warnOfHeader warns of a proxy on this machine: what else runs here, jobs too, has the same address.
func (c *Config) warnOfHeader() []string {
	if c.HTTPUserHeader == "" || !c.Server {
		return nil
	}
	for _, p := range c.TrustedProxies() {
		if p.Overlaps(netip.MustParsePrefix("127.0.0.0/8")) || p.Contains(netip.IPv6Loopback()) {
			return []string{c.label("http-user-header") + ": " + p.String() + " in http-trusted-proxies is this machine, so its users and the jobs that run on it " +
				"can name themselves any user; let the proxy run on another machine, or keep jobs and users from this one"}
		}
	}
	return nil
}
