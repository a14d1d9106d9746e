package cluster

import (
	"fmt"
	"os/exec"
	"strings"
)

// Run runs the program with arguments and returns what it printed, on stdout and on stderr.
func (c *Cluster) Run(args ...string) (string, error) {
	out, err := exec.Command(c.binary, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("dkron %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// peers returns the servers in Raft's configuration as a server knows it: id to "leader true", state and vote.
func (c *Cluster) peers(at *Node) (map[string]string, error) {
	out, err := c.Run(append([]string{"raft", "list-peers", "--rpc-addr=" + at.RPC}, c.operator...)...)
	if err != nil {
		return nil, err
	}
	peers := make(map[string]string)
	for _, line := range strings.Split(strings.TrimSpace(out), "\n")[1:] {
		f := strings.Fields(line)
		if len(f) != 5 {
			return nil, fmt.Errorf("a line of list-peers has %d fields: %q", len(f), line)
		}
		peers[f[1]] = f[3] + " " + f[4]
	}
	return peers, nil
}

// voters counts the voters as a server knows them, -1 if it can't be asked.
func (c *Cluster) voters(at *Node) int {
	peers, err := c.peers(at)
	if err != nil {
		return -1
	}
	n := 0
	for _, state := range peers {
		if strings.HasSuffix(state, "true") {
			n++
		}
	}
	return n
}
