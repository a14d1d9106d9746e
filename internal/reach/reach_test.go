package reach_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"dkron/internal/reach"
)

func policy(t *testing.T, deny, allow string) *reach.Policy {
	t.Helper()
	p, badDeny, badAllow := reach.New(strings.Fields(deny), strings.Fields(allow))
	if len(badDeny)+len(badAllow) > 0 {
		t.Fatal(badDeny, badAllow)
	}
	return p
}

// listen lets connections to an address of this machine succeed.
func listen(t *testing.T, host, port string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		t.Skipf("this machine has no %s: %v", host, err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func dial(p *reach.Policy, address string) error {
	conn, err := p.DialContext(context.Background(), "tcp", address)
	if err == nil {
		conn.Close()
	}
	return err
}

func wantRefusal(t *testing.T, err error, text string) {
	t.Helper()
	if _, ok := errors.AsType[*reach.Refusal](err); !ok || err.Error() != text {
		t.Errorf("got %v\nwant %s", err, text)
	}
}

const call = ", which this node does not call: set allow-addresses to allow it"

func TestWithoutSettingsOnlyLinkLocalAndMetadataAddressesAreRefused(t *testing.T) {
	for _, p := range []*reach.Policy{nil, policy(t, "", ""), policy(t, "link-local metadata", "")} {
		wantRefusal(t, dial(p, "169.254.169.254:80"), "169.254.169.254 is a link-local address"+call)
		wantRefusal(t, dial(p, "100.100.100.200:80"), "100.100.100.200 is an address of cloud metadata"+call)
		for host, want := range map[string]string{
			"169.254.0.1": "169.254.0.1 is a link-local address", "[fe80::1]": "fe80::1 is a link-local address",
			"[fe80::1%25eth0]": "fe80::1%eth0 is fe80::1, a link-local address", "[::ffff:169.254.169.254]": "::ffff:169.254.169.254 is 169.254.169.254, a link-local address",
			"[::ffff:a9fe:a9fe]": "::ffff:a9fe:a9fe is 169.254.169.254, a link-local address", "[64:ff9b::a9fe:a9fe]": "64:ff9b::a9fe:a9fe is 169.254.169.254, a link-local address",
			"[fd00:ec2::254]": "fd00:ec2::254 is an address of cloud metadata", "[fd20:ce::254]": "fd20:ce::254 is an address of cloud metadata",
			"168.63.129.16": "168.63.129.16 is an address of cloud metadata", "[::ffff:100.100.100.200]": "::ffff:100.100.100.200 is 100.100.100.200, an address of cloud metadata",
		} {
			wantRefusal(t, proxied(t, p, host), want+call)
		}
		for _, host := range []string{"127.0.0.1", "[::1]", "0.0.0.0", "10.0.0.1", "192.168.1.1", "169.253.255.255", "169.255.0.0", "100.100.100.201", "[fd00::1]", "[64:ff9b::808:808]", "metadata.example"} {
			if err := proxied(t, p, host); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		}
	}
}

// proxied returns what a proxy's function says to a host.
func proxied(t *testing.T, p *reach.Policy, host string) error {
	t.Helper()
	proxy := &url.URL{Scheme: "http", Host: "proxy.example:3128"}
	r, err := http.NewRequest(http.MethodGet, "http://"+host+":8080/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	through, err := p.Via(http.ProxyURL(proxy))(r)
	if err == nil && through.Host != proxy.Host || err != nil && through != nil {
		t.Errorf("%s: the proxy is %v", host, through)
	}
	return err
}

func TestWithoutAProxyTheAddressIsJudgedWhenItIsDialled(t *testing.T) {
	r, err := http.NewRequest(http.MethodGet, "http://169.254.169.254/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if through, err := policy(t, "", "").Via(func(*http.Request) (*url.URL, error) { return nil, nil })(r); through != nil || err != nil { //nolint:nilnil // there is no proxy
		t.Error(through, err)
	}
	if policy(t, "", "").Via(nil) != nil {
		t.Error("a transport that has no proxy would get one")
	}
}

func TestTheSettingsReplaceTheDefaultAndExceptionsWin(t *testing.T) {
	for _, c := range []struct{ deny, allow, host, what string }{
		{"10.0.0.0/8", "", "10.1.2.3", "in 10.0.0.0/8 of deny-addresses"},
		{"10.0.0.0/8", "", "169.254.169.254", ""},
		{"10.0.0.0/8 link-local", "", "169.254.169.254", "a link-local address"},
		{"10.0.0.0/8 metadata", "", "100.100.100.200", "an address of cloud metadata"},
		{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", ""},
		{"10.0.0.0/8", "10.1.0.0/16", "10.2.2.3", "in 10.0.0.0/8 of deny-addresses"},
		{"", "169.254.169.123", "169.254.169.123", ""},
		{"", "169.254.169.123", "169.254.169.254", "a link-local address"},
		{"::ffff:10.0.0.7", "", "10.0.0.7", "in 10.0.0.7/32 of deny-addresses"},
		{"none", "", "169.254.169.254", ""},
		{"0.0.0.0/0 ::/0", "192.0.2.0/24", "192.0.2.1", ""},
	} {
		err := proxied(t, policy(t, c.deny, c.allow), c.host)
		if c.what != "" {
			wantRefusal(t, err, c.host+" is "+c.what+call)
		} else if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestTheUnspecifiedAddressIsNoWayToThisMachine(t *testing.T) {
	_, port, err := net.SplitHostPort(listen(t, "127.0.0.1", "0"))
	if err != nil {
		t.Fatal(err)
	}
	p := policy(t, "127.0.0.0/8", "")
	wantRefusal(t, dial(p, ":"+port), "127.0.0.1 is in 127.0.0.0/8 of deny-addresses"+call)
	wantRefusal(t, dial(p, "0.0.0.0:"+port), "0.0.0.0 is 127.0.0.1, in 127.0.0.0/8 of deny-addresses"+call)
	wantRefusal(t, proxied(t, p, "[::]"), ":: is 127.0.0.1, in 127.0.0.0/8 of deny-addresses"+call)
	if err := dial(nil, "0.0.0.0:"+port); err != nil {
		t.Error(err)
	}
}

// resolve makes names of this process resolve to addresses until the test ends.
func resolve(t *testing.T, names map[string][]string) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for buf := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answer(buf[:n], names), from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = before; server.Close() })
}

// answer answers a query of DNS: with the IPv4 addresses of a name, and with nothing to other questions.
func answer(query []byte, names map[string][]string) []byte {
	const header, ipv4 = 12, 1
	var labels []string
	at := header
	for query[at] != 0 {
		labels = append(labels, string(query[at+1:at+1+int(query[at])]))
		at += 1 + int(query[at])
	}
	kind := binary.BigEndian.Uint16(query[at+1:])
	var addrs []string
	if kind == ipv4 {
		addrs = names[strings.Join(labels, ".")]
	}
	out := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, byte(len(addrs)), 0, 0, 0, 0}, query[header:at+5]...)
	for _, addr := range addrs {
		out = append(out, 0xc0, header, 0, ipv4, 0, 1, 0, 0, 0, 0, 0, 4) // the name is the question's
		out = append(out, netip.MustParseAddr(addr).AsSlice()...)
	}
	return out
}

func TestANameIsJudgedByTheAddressThatIsDialled(t *testing.T) {
	resolve(t, map[string][]string{"inside.example": {"127.0.0.2"}, "both.example": {"127.0.0.2", "127.0.0.1"}, "metadata.example": {"169.254.169.254"}})
	_, port, err := net.SplitHostPort(listen(t, "127.0.0.1", "0"))
	if err != nil {
		t.Fatal(err)
	}
	listen(t, "127.0.0.2", port)
	p := policy(t, "127.0.0.2/32", "")
	wantRefusal(t, dial(p, "inside.example:"+port), "inside.example is 127.0.0.2, in 127.0.0.2/32 of deny-addresses"+call)
	wantRefusal(t, dial(nil, "metadata.example:80"), "metadata.example is 169.254.169.254, a link-local address"+call)
	conn, err := p.DialContext(t.Context(), "tcp", "both.example:"+port)
	if err != nil {
		t.Fatalf("the address that is left is not used: %v", err)
	}
	defer conn.Close()
	if at := conn.RemoteAddr().String(); at != "127.0.0.1:"+port {
		t.Errorf("connected to %s", at)
	}
}

func TestAnErrorOfTheNetworkIsNoRefusal(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, ok := errors.AsType[*net.OpError](dial(nil, l.Addr().String())); !ok {
		t.Error("the network's error is lost")
	}
}

func TestABadEntryIsNamedWithWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct{ deny, allow, want string }{
		{"10.0.0.0/33", "", `want an address such as 10.0.0.7, a prefix such as 10.0.0.0/8, link-local, metadata or none: "10.0.0.0/33" is neither an address nor a prefix`},
		{"metadata.example", "", `"metadata.example" is neither`},
		{"10.1.2.3/8", "", `"10.1.2.3/8" has bits set after its length; write 10.0.0.0/8 for all of these, or 10.1.2.3`},
		{"::ffff:10.0.0.0/104", "", `"::ffff:10.0.0.0/104" is of IPv4 addresses; write it as one, such as 10.0.0.0/8`},
		{"fe80::1%eth0", "", `"fe80::1%eth0" has a zone; leave out what begins with %`},
		{"none 10.0.0.0/8", "", "none allows every address, so no other entry has an effect; write one or the other"},
		{"", "link-local", `want an address such as 169.254.169.123 or a prefix such as 169.254.169.0/24: "link-local" is neither`},
		{"", "none", `"none" is neither`},
	} {
		_, badDeny, badAllow := reach.New(strings.Fields(c.deny), strings.Fields(c.allow))
		bad := badDeny
		if c.allow != "" {
			bad = badAllow
		}
		if len(badDeny)+len(badAllow) != 1 || !strings.Contains(fmt.Sprint(bad), c.want) {
			t.Errorf("%+v: %v %v", c, badDeny, badAllow)
		}
	}
}
