package cluster

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// network is the nodes' network.
type network interface {
	host(i int) string
	wrap(n *Node) []string // the prefix of the node's command line
}

// spaces is what a network needs in addition: it changes how a node's process is created.
type spaces interface {
	place(cmd *exec.Cmd)
}

// loopback is one network for all: no node can be cut off.
type loopback struct{}

func (loopback) host(int) string     { return "127.0.0.1" }
func (loopback) wrap(*Node) []string { return nil }

// namespaces gives each node a network namespace, connected to a bridge on this host.
type namespaces struct {
	t      testing.TB
	prefix string // of all names; at most 8 characters, because an interface's name has 15
	subnet string
}

// newNamespaces makes count namespaces. It skips the test if it lacks the rights.
func newNamespaces(t testing.TB, count int) *namespaces {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a partition needs root, for network namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("a partition needs iproute2 (ip)")
	}
	ns := claim(t)
	t.Cleanup(func() { ns.remove(count) })
	bridge := ns.prefix + "br"
	steps := []string{"addr add " + ns.subnet + "254/24 dev " + bridge, "link set " + bridge + " up"}
	for i := range count {
		space, outer, inner := ns.space(i), ns.cable(i), ns.cable(i)+"i"
		steps = append(steps,
			"netns add "+space,
			"link add "+outer+" type veth peer name "+inner,
			"link set "+inner+" netns "+space,
			"link set "+outer+" master "+bridge,
			"link set "+outer+" up",
			"-n "+space+" addr add "+ns.host(i)+"/24 dev "+inner,
			"-n "+space+" link set "+inner+" up",
			"-n "+space+" link set lo up")
	}
	for _, step := range steps {
		if out, err := ip(step); err != nil {
			t.Skipf("a partition needs network namespaces, and this host refuses: ip %s: %s", step, out)
		}
	}
	return ns
}

// claim makes the bridge, with a name and a network that no other test on this host uses.
func claim(t testing.TB) *namespaces {
	t.Helper()
	first := rand.IntN(200)
	for i := range 200 {
		id := (first+i)%200 + 20
		ns := &namespaces{t: t, prefix: fmt.Sprintf("dk%d", id), subnet: fmt.Sprintf("10.199.%d.", id)}
		out, err := ip("link add " + ns.prefix + "br type bridge")
		if err == nil {
			return ns
		}
		if !strings.Contains(out, "exists") {
			t.Skipf("a partition needs a bridge, and this host refuses: %s", out)
		}
	}
	t.Skip("a partition needs a free network, and all of 10.199.0.0/16 that tests use are taken")
	return nil
}

func ip(args string) (string, error) {
	out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (ns *namespaces) space(i int) string { return fmt.Sprintf("%sn%d", ns.prefix, i) }
func (ns *namespaces) cable(i int) string { return fmt.Sprintf("%sv%d", ns.prefix, i) }
func (ns *namespaces) host(i int) string  { return fmt.Sprintf("%s%d", ns.subnet, i+1) }

// index finds a node's number by its address.
func (ns *namespaces) index(n *Node) (i int) {
	host, _, _ := strings.Cut(n.gossip, ":")
	_, _ = fmt.Sscanf(strings.TrimPrefix(host, ns.subnet), "%d", &i)
	return i - 1
}

func (ns *namespaces) wrap(n *Node) []string {
	return []string{"ip", "netns", "exec", ns.space(ns.index(n))}
}

func (ns *namespaces) remove(count int) {
	for i := range count {
		_, _ = ip("link del " + ns.cable(i))
		_, _ = ip("netns del " + ns.space(i))
	}
	_, _ = ip("link del " + ns.prefix + "br")
}

// Cut unplugs a node's cable: no packet comes or goes, and no error is reported. Heal plugs it in again.
func (n *Node) Cut() { n.cable("down") }

// Heal reverts Cut.
func (n *Node) Heal() { n.cable("up") }

func (n *Node) cable(state string) {
	ns, ok := n.c.net.(*namespaces)
	if !ok {
		n.c.t.Fatal("only nodes of an isolated cluster can be cut off")
	}
	if out, err := ip("link set " + ns.cable(ns.index(n)) + " " + state); err != nil {
		n.c.t.Fatalf("cable of %s %s: %s", n.Name, state, out)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut = state == "down"
}
