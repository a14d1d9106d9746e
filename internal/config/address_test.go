package config_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"dkron/internal/config"
)

// machine is one with the given private address, or without.
type machine struct{ private string }

func (m machine) Expand(template string) (string, error) {
	switch template {
	case "{{ GetPrivateIP }}":
		return m.private, nil
	case `{{ GetInterfaceIP "eth9" }}`:
		return "", nil
	case "{{ Many }}":
		return "", errors.New("multiple addresses found by {{ Many }}")
	case "[{{ GetPrivateIP }}]:99":
		return "[" + m.private + "]:99", nil
	}
	return "", fmt.Errorf("unexpected template %s", template)
}

func (m machine) LookupHost(name string) ([]string, error) {
	switch name {
	case "node.example":
		return []string{"2001:db8::1", "192.0.2.7"}, nil
	case "localhost":
		return []string{"127.0.0.1"}, nil
	}
	return nil, errors.New("no such host")
}

func TestTheAPIIsPublishedWhereOthersReachIt(t *testing.T) {
	tcp := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 8080} }
	for _, tc := range []struct{ advertise, listening, want string }{
		{"10.0.0.1:8946", "0.0.0.0", "10.0.0.1:8080"},
		{"10.0.0.1:8946", "::", "10.0.0.1:8080"},
		{"[fd00::1]:8946", "::", "[fd00::1]:8080"},
		{"192.0.2.1:7", "10.0.0.9", "10.0.0.9:8080"}, // chosen by the operator
		{"10.0.0.1:8946", "127.0.0.1", ""},           // would lead every machine to itself
		{"127.0.0.1:8946", "127.0.0.1", "127.0.0.1:8080"},
		{"127.0.0.1:8946", "0.0.0.0", "127.0.0.1:8080"},
	} {
		a := config.Addresses{AdvertiseAddr: tc.advertise}
		if got := a.PublicHTTP(tcp(tc.listening)); got != tc.want {
			t.Errorf("advertising %s, listening on %s: %q, want %q", tc.advertise, tc.listening, got, tc.want)
		}
	}
}

func TestAddressesAreResolved(t *testing.T) {
	const private = "10.1.2.3"
	for name, tc := range map[string]struct {
		private string
		args    string // separated by ;
		want    string // bind advertise rpc-bind rpc-advertise http
		notice  string
	}{
		"default":            {private, "", "10.1.2.3:8946 10.1.2.3:8946 10.1.2.3:6868 10.1.2.3:6868 :8080", ""},
		"default IPv6":       {"fd00::2", "", "[fd00::2]:8946 [fd00::2]:8946 [fd00::2]:6868 [fd00::2]:6868 :8080", ""},
		"brackets":           {"fd00::2", "--bind-addr=[{{ GetPrivateIP }}]:99", "[fd00::2]:99 [fd00::2]:99 [fd00::2]:6868 [fd00::2]:6868 :8080", ""},
		"no private address": {"", "", "127.0.0.1:8946 127.0.0.1:8946 127.0.0.1:6868 127.0.0.1:6868 :8080", "no private address on this machine: listening on 127.0.0.1; set --bind-addr"},
		"loopback":           {private, "--bind-addr=127.0.0.1", "127.0.0.1:8946 127.0.0.1:8946 127.0.0.1:6868 127.0.0.1:6868 :8080", "advertising 127.0.0.1"},
		"loopback, told":     {private, "--bind-addr=127.0.0.1;--advertise-addr=127.0.0.1", "127.0.0.1:8946 127.0.0.1:8946 127.0.0.1:6868 127.0.0.1:6868 :8080", ""},
		"derived port":       {private, "--bind-addr=10.0.0.9:9000", "10.0.0.9:9000 10.0.0.9:9000 10.0.0.9:6868 10.0.0.9:6868 :8080", ""},
		"IPv6 bare":          {private, "--bind-addr=fd00::9", "[fd00::9]:8946 [fd00::9]:8946 [fd00::9]:6868 [fd00::9]:6868 :8080", ""},
		"IPv6 port":          {private, "--bind-addr=[fd00::9]:9000", "[fd00::9]:9000 [fd00::9]:9000 [fd00::9]:6868 [fd00::9]:6868 :8080", ""},
		"unspecified":        {private, "--bind-addr=0.0.0.0:9000", "0.0.0.0:9000 10.1.2.3:9000 0.0.0.0:6868 10.1.2.3:6868 :8080", ""},
		"no host":            {private, "--bind-addr=:9000", "0.0.0.0:9000 10.1.2.3:9000 0.0.0.0:6868 10.1.2.3:6868 :8080", ""},
		"unspecified alone":  {"", "--bind-addr=0.0.0.0", "0.0.0.0:8946 127.0.0.1:8946 0.0.0.0:6868 127.0.0.1:6868 :8080", "set --advertise-addr"},
		"advertise":          {private, "--advertise-addr=192.0.2.1:7;--advertise-rpc-port=8", "10.1.2.3:8946 192.0.2.1:7 10.1.2.3:6868 192.0.2.1:8 :8080", ""},
		"advertise no port":  {private, "--advertise-addr=192.0.2.1", "10.1.2.3:8946 192.0.2.1:8946 10.1.2.3:6868 192.0.2.1:6868 :8080", ""},
		"advertise 8946":     {private, "--advertise-addr=192.0.2.1;--bind-addr=10.0.0.9:9000", "10.0.0.9:9000 192.0.2.1:8946 10.0.0.9:6868 192.0.2.1:6868 :8080", "write the port"},
		"host names":         {private, "--bind-addr=node.example;--http-addr=localhost:80", "192.0.2.7:8946 192.0.2.7:8946 192.0.2.7:6868 192.0.2.7:6868 127.0.0.1:80", ""},
		"http never widens":  {"", "--bind-addr=10.0.0.9;--http-addr={{ GetPrivateIP }}:80", "10.0.0.9:8946 10.0.0.9:8946 10.0.0.9:6868 10.0.0.9:6868 127.0.0.1:80", "set --http-addr"},
		"http private":       {private, "--http-addr={{ GetPrivateIP }}:80", "10.1.2.3:8946 10.1.2.3:8946 10.1.2.3:6868 10.1.2.3:6868 10.1.2.3:80", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := args(strings.FieldsFunc(tc.args, func(r rune) bool { return r == ';' })...).mustLoad(t)
			a, err := c.AddressesOn(machine{tc.private})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join([]string{a.BindAddr, a.AdvertiseAddr, a.RPCBind, a.RPCAdvertise, a.HTTPAddr}, " "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if tc.notice == "" {
				wantWarnings(t, a.Notices)
			} else {
				wantWarnings(t, a.Notices, tc.notice)
			}
		})
	}
}

func TestBadAddressesNameTheFlag(t *testing.T) {
	for name, tc := range map[string]struct {
		arg  string
		want []string
	}{
		"unknown host":           {"--bind-addr=nowhere.example", []string{"--bind-addr", "nowhere.example", "no such host"}},
		"unknown advertised":     {"--advertise-addr=nowhere.example", []string{"--advertise-addr", "nowhere.example"}},
		"unknown http":           {"--http-addr=nowhere.example:80", []string{"--http-addr"}},
		"port":                   {"--bind-addr=10.0.0.1:http", []string{"--bind-addr", "not a port"}},
		"port 0":                 {"--bind-addr=10.0.0.1:0", []string{"--bind-addr", "1 to 65535"}},
		"advertise port 0":       {"--advertise-addr=10.0.0.1:0", []string{"--advertise-addr", "1 to 65535"}},
		"advertise all":          {"--advertise-addr=0.0.0.0", []string{"--advertise-addr", "0.0.0.0"}},
		"advertise no host":      {"--advertise-addr=:8946", []string{"--advertise-addr", "no host"}},
		"not host:port":          {"--bind-addr=a:b:c", []string{"--bind-addr", "host:port"}},
		"empty":                  {"--http-addr=", []string{"--http-addr", "want an address"}},
		"no match is not all":    {`--http-addr={{ GetInterfaceIP "eth9" }}:80`, []string{"--http-addr", "eth9"}},
		"several":                {"--bind-addr={{ Many }}", []string{"--bind-addr", "multiple addresses found"}},
		"advertise template bad": {"--advertise-addr={{ Bad }}", []string{"--advertise-addr", "{{ Bad }}"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := args(tc.arg).mustLoad(t)
			_, err := c.AddressesOn(machine{"10.1.2.3"})
			wantError(t, err, tc.want...)
		})
	}
}

func TestTemplatesOfThisMachine(t *testing.T) {
	if a, err := config.Default().Addresses(); err != nil || a.BindAddr == "" || a.AdvertiseAddr != a.BindAddr {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestResolveAddrForClients(t *testing.T) {
	for template, want := range map[string]string{
		"10.0.0.1":        "10.0.0.1:6868",
		"10.0.0.1:7":      "10.0.0.1:7",
		"node.example:7":  "node.example:7",
		":7":              "127.0.0.1:7",
		"":                "127.0.0.1:6868",
		"fd00::9":         "[fd00::9]:6868",
		" 10.0.0.1:7":     "10.0.0.1:7",
		"[fd00::9]":       "[fd00::9]:6868",
		"localhost":       "localhost:6868",
		"{{ \"h\" }}:123": "h:123",
	} {
		if got, err := config.ResolveAddr(template, 6868); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", template, got, err, want)
		}
	}
	if got, err := config.ResolveAddr("{{ GetPrivateIP }}:6868", 6868); err != nil || !strings.HasSuffix(got, ":6868") || got[0] == ':' {
		t.Errorf("got %q, %v", got, err)
	}
	_, err := config.ResolveAddr(`{{ GetInterfaceIP "none99" }}`, 6868)
	if err == nil {
		t.Error("an interface that is not there is no error")
	}
}

func TestAnEmbeddedNodeListensOnFreePorts(t *testing.T) {
	c := config.Default()
	c.BindAddr, c.HTTPAddr, c.FreePorts = "127.0.0.1:9999", "127.0.0.1", true
	a, err := c.AddressesOn(machine{})
	if err != nil {
		t.Fatal(err)
	}
	for name, addr := range map[string]string{"gossip": a.BindAddr, "RPC": a.RPCBind, "HTTP": a.HTTPAddr} {
		if addr != "127.0.0.1:0" {
			t.Errorf("%s listens on %s", name, addr)
		}
	}
}
