package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// OIDC is the settings of sign-in with OpenID Connect.
type OIDC struct {
	Issuer       string // empty: nobody signs in this way
	ClientID     string
	ClientSecret string
	RedirectURL  string
	Scopes       []string
	NameClaim    []string
	GroupsClaim  string
	Roles        []string // group=policy; see RolesOf
	DefaultRole  string
	Name         string
	SessionAge   time.Duration // 0: until the ID token expires
}

const (
	// callback is the path of the API that a provider sends browsers back to.
	callback      = "/v1/signin/openid/callback"
	maxSessionAge = 12 * time.Hour
)

// RolesOf returns the policies of each group, of a list of group=policy. A group may have = in its name, a policy can't.
func RolesOf(list []string) map[string][]string {
	roles := make(map[string][]string)
	for _, r := range list {
		if i := strings.LastIndex(r, "="); i > 0 {
			roles[r[:i]] = append(roles[r[:i]], r[i+1:])
		}
	}
	return roles
}

var policyName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// validateOIDC never repeats the secret.
func (c *Config) validateOIDC() (problems []error) {
	bad := func(name, format string, args ...any) { problems = append(problems, c.problem(name, format, args...)) }
	o := &c.OIDC
	if o.Issuer == "" {
		for _, s := range settings {
			if strings.HasPrefix(s.name, "oidc-") && c.IsSet(s.name) {
				bad(s.name, "it has no effect without --oidc-issuer, the address of the provider")
			}
		}
		return problems
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || !protected(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		bad("oidc-issuer", "want the https address of a provider without a query, such as https://id.example.com/realms/ops, exactly as the provider names itself; http is for loopback only; not %q", o.Issuer)
	}
	if !c.ACLEnabled {
		bad("oidc-issuer", "it has no effect without --acl-enabled, since then everybody may do everything")
	}
	if o.ClientID == "" {
		bad("oidc-client-id", "it is missing; the provider has given this client an id")
	}
	if o.ClientSecret == "" {
		bad("oidc-client-secret-file", "it is missing; register a confidential client at the provider, and write its secret into a file, or into DKRON_OIDC_CLIENT_SECRET")
	}
	if len(o.NameClaim) == 0 || o.GroupsClaim == "" || len(o.Scopes) == 0 || o.Name == "" {
		bad("oidc-issuer", "oidc-name-claim, oidc-groups-claim, oidc-scopes and oidc-name must not be empty; leave them out for the defaults")
	}
	if o.SessionAge < 0 || o.SessionAge > maxSessionAge {
		bad("oidc-session-age", "want a duration of at most %s, or 0 to end sessions with the provider's ID token; not %s", maxSessionAge, o.SessionAge)
	}
	return append(append(problems, c.validateRoles()...), c.validateRedirect()...)
}

func (c *Config) validateRoles() (problems []error) {
	problems = c.validateGroups("oidc-roles", c.OIDC.Roles, "oidc-default-role", c.OIDC.DefaultRole)
	if len(c.OIDC.Roles) == 0 && c.OIDC.DefaultRole == "" {
		problems = append(problems, c.problem("oidc-roles", "it is missing, so nobody could sign in; write group=policy, such as ops=admin, or set --oidc-default-role"))
	}
	return problems
}

// validateGroups checks settings that give groups, and those without any, a policy.
func (c *Config) validateGroups(name string, roles []string, defName, def string) (problems []error) {
	for _, r := range roles {
		if i := strings.LastIndex(r, "="); i <= 0 || !policyName.MatchString(r[i+1:]) {
			problems = append(problems, c.problem(name, "want group=policy, such as ops=admin, where a policy has letters a to z, digits, - and _; not %q", r))
		}
	}
	if def != "" && !policyName.MatchString(def) {
		problems = append(problems, c.problem(defName, "want the name of a policy, such as viewer, not %q", def))
	}
	return problems
}

// validateRedirect also refuses a server that could not know where browsers reach it.
func (c *Config) validateRedirect() (problems []error) {
	text := c.OIDC.RedirectURL
	u, err := url.Parse(text)
	switch host, _, _ := net.SplitHostPort(c.HTTPAddr); {
	case text != "" && (err != nil || !protected(u) || !strings.HasSuffix(u.Path, callback) || u.RawQuery != "" || u.Fragment != ""):
		problems = append(problems, c.problem("oidc-redirect-url", "want the https address at which browsers reach the servers, with the path %s, such as https://dkron.example.com%s; http is for loopback only; not %q", callback, callback, text))
	case text == "" && c.Server && (c.CertFile == "" || c.DisableHTTPTLS) && !isLoopback(host):
		problems = append(problems, c.problem("oidc-redirect-url", "it is missing: without HTTPS this server can't know at which address browsers reach it; set it, such as https://dkron.example.com%s", callback))
	}
	return problems
}

// protected reports whether what is sent to a URL can't be read on the way.
func protected(u *url.URL) bool {
	return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()))
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
