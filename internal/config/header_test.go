package config_test

import (
	"slices"
	"strings"
	"testing"
)

// behindProxy is settings with which a proxy names users, and more of them.
func behindProxy(more ...string) input {
	all := []string{"--server", "--acl-enabled", "--http-user-header=X-Forwarded-User", "--http-groups-header=X-Forwarded-Groups"}
	for _, list := range []string{"--http-trusted-proxies=10.0.0.7", "--http-header-roles=ops=admin"} {
		name, _, _ := strings.Cut(list, "=")
		if !slices.ContainsFunc(more, func(m string) bool { return strings.HasPrefix(m, name+"=") }) { // a list can't be emptied by a further flag
			all = append(all, list)
		}
	}
	return args(append(all, more...)...)
}

func TestHeadersThatWouldNameUsersForAnybodyAreRefused(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"--http-trusted-proxies=", "--http-user-header: --http-trusted-proxies is missing"},
		{"--http-trusted-proxies=0.0.0.0/0", "anybody could name any user"},
		{"--http-trusted-proxies=10.0.0.7,::/0", "--http-trusted-proxies: ::/0 is every address"},
		{"--acl-enabled=false", "--http-user-header: it has no effect without --acl-enabled"},
		{"--http-user-header=", "--http-groups-header: it has no effect without --http-user-header"},
		{"--http-user-header=X Y", "--http-user-header: want the name of a header"},
		{"--http-user-header=X_Y", "of letters, digits and -"},
		{"--http-user-header=authorization", "of its own"},
		{"--http-user-header=Sec-Fetch-Site", "of its own"},
		{"--http-groups-header=cookie", "--http-groups-header: want the name of a header"},
		{"--http-groups-header=x-forwarded-user", "it is the header of the user"},
		{"--http-groups-header=", "--http-header-roles: it has no effect without --http-groups-header"},
		{"--http-header-roles=", "--http-header-roles: it is missing"},
		{"--http-header-roles=ops", "want group=policy"},
		{"--http-header-default-role=A b", "--http-header-default-role: want the name of a policy"},
	} {
		_, _, err := behindProxy(c.set).load(t)
		wantError(t, err, c.want)
	}
	for _, fine := range [][]string{
		nil, {"--http-user-header=Remote-User"}, {"--http-header-roles=", "--http-groups-header=", "--http-header-default-role=viewer"}, {"--server=false"},
	} {
		if _, _, err := behindProxy(fine...).load(t); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
}

func TestAProxyOnTheSameMachineIsWarnedOf(t *testing.T) {
	for _, c := range []struct {
		set  string
		want bool
	}{
		{"--http-trusted-proxies=10.0.0.7", false}, {"--http-trusted-proxies=127.0.0.1", true}, {"--http-trusted-proxies=10.0.0.7,::1", true},
		{"--http-trusted-proxies=127.0.0.0/8", true}, {"--http-trusted-proxies=64.0.0.0/2", true}, {"--http-trusted-proxies=128.0.0.0/1", false},
	} {
		_, src := behindProxy(c.set).mustLoad(t)
		warned := slices.ContainsFunc(src.Warnings, func(w string) bool { return strings.Contains(w, "can name themselves any user") })
		if warned != c.want {
			t.Errorf("%s: %q", c.set, src.Warnings)
		}
	}
}
