package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dkron/internal/config"
)

// signIn is settings with which people sign in by OpenID Connect, and more of them.
func signIn(more ...string) input {
	const noRoles, noSecret = "--oidc-roles=", "--oidc-client-secret-file="
	all := []string{
		"--server", "--acl-enabled", "--oidc-issuer=https://id.example.com/realms/ops", "--oidc-client-id=dkron",
		"--oidc-redirect-url=https://dkron.example.com/v1/signin/openid/callback",
	}
	if !slices.Contains(more, noRoles) { // a list can't be emptied by a further flag
		all = append(all, "--oidc-roles=ops=admin")
	}
	if i := slices.Index(more, noSecret); i >= 0 {
		more = slices.Delete(slices.Clone(more), i, i+1)
	} else {
		all = append(all, "--oidc-client-secret-file=/run/secret")
	}
	in := args(append(all, more...)...)
	in.files = map[string]string{"/run/secret": "hush hush\n"}
	return in
}

func TestGroupsHaveRoles(t *testing.T) {
	c, _ := signIn("--oidc-roles=dev=viewer,dev=team-a", `--oidc-roles="cn=ops,ou=groups=operator"`).mustLoad(t)
	if got := fmt.Sprint(config.RolesOf(c.OIDC.Roles)); got != "map[cn=ops,ou=groups:[operator] dev:[viewer team-a] ops:[admin]]" {
		t.Errorf("%s of %q", got, c.OIDC.Roles)
	}
}

func TestTheClientSecretIsReadFromItsFileAndNeverShown(t *testing.T) {
	c, _ := signIn().mustLoad(t)
	if got := c.OIDC.ClientSecret; got != "hush hush" {
		t.Errorf("%q", got)
	}
	in := signIn("--oidc-client-secret-file=")
	in.env = []string{"DKRON_OIDC_CLIENT_SECRET=hush"}
	c, _ = in.mustLoad(t)
	if got := c.OIDC.ClientSecret; got != "hush" {
		t.Errorf("%q", got)
	}
	if text := c.String(); strings.Contains(text, "hush") {
		t.Error(text)
	}
	in = signIn()
	in.files["/run/secret"] = " \n"
	_, _, err := in.load(t)
	wantError(t, err, "oidc-client-secret-file", "is empty")
	in.files = nil
	_, _, err = in.load(t)
	wantError(t, err, "oidc-client-secret-file", "/run/secret")
}

func TestSettingsOfSignInThatCanNotWorkAreRefused(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"--oidc-issuer=id.example.com", "--oidc-issuer: want the https address"},
		{"--oidc-issuer=http://id.example.com", "http is for loopback only"},
		{"--oidc-issuer=https://id.example.com?x=y", "without a query"},
		{"--acl-enabled=false", "it has no effect without --acl-enabled"},
		{"--oidc-client-id=", "--oidc-client-id: it is missing"},
		{"--oidc-client-secret-file=", "register a confidential client"},
		{"--oidc-roles=", "nobody could sign in"},
		{"--oidc-roles=ops", "want group=policy"},
		{"--oidc-roles==admin", "want group=policy"},
		{"--oidc-roles=ops=Admin!", "want group=policy"},
		{"--oidc-default-role=a b", "--oidc-default-role: want the name of a policy"},
		{"--oidc-redirect-url=http://dkron.example.com/v1/signin/openid/callback", "--oidc-redirect-url: want the https address"},
		{"--oidc-redirect-url=https://dkron.example.com/", "with the path /v1/signin/openid/callback"},
		{"--oidc-redirect-url=", "--oidc-redirect-url: it is missing"},
		{"--oidc-session-age=13h", "at most 12h"},
		{"--oidc-session-age=-1s", "at most 12h"},
		{"--oidc-name-claim=", "must not be empty"},
	} {
		_, _, err := signIn(c.set).load(t)
		wantError(t, err, c.want)
	}
	_, _, err := args("--oidc-roles=ops=admin").load(t)
	wantError(t, err, "--oidc-roles: it has no effect without --oidc-issuer")
	for _, fine := range [][]string{
		{"--oidc-issuer=http://127.0.0.1:9000/oidc"}, {"--oidc-redirect-url=", "--http-addr=127.0.0.1:8080"},
		{"--oidc-redirect-url=", "--cert-file=c", "--key-file=k"}, {"--oidc-redirect-url=http://localhost:8080/v1/signin/openid/callback"},
		{"--oidc-redirect-url=https://example.com/dkron/v1/signin/openid/callback"}, {"--oidc-session-age=0"}, {"--oidc-session-age=15m"},
		{"--oidc-roles=", "--oidc-default-role=viewer"},
	} {
		if _, _, err := signIn(fine...).load(t); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
}

func TestTrustedProxiesAreAddressesOrPrefixes(t *testing.T) {
	c, _ := args("--http-trusted-proxies=10.0.0.7,192.168.1.9/16,::1").mustLoad(t)
	if got := fmt.Sprint(c.TrustedProxies()); got != "[10.0.0.7/32 192.168.0.0/16 ::1/128]" {
		t.Error(got)
	}
	for _, wrong := range []string{"proxy", "10.0.0.0/33", "10.0.0.1:80"} {
		_, _, err := args("--http-trusted-proxies=" + wrong).load(t)
		wantError(t, err, "--http-trusted-proxies", wrong)
	}
	_, _, err := args("--http-rate=-1").load(t)
	wantError(t, err, "--http-rate", "0 to 1000000")
}
