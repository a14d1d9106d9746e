package limit

// Shares says how many file descriptors of this process each purpose may use. The rest is for the log, the state, the
// journal and this node's own connections to others.
type Shares struct {
	HTTP   int // connections of clients
	RPC    int // connections of other nodes, and of peers that claim to be one
	Gossip int // connections of gossip; it mostly uses packets
	Runs   int // executions at once; each needs perRun descriptors. 0: no limit
}

const (
	// perRun is what a command of the shell executor uses: its pipe, its process, and two while it starts.
	perRun = 4

	maxHTTP   = 4096
	maxRPC    = 4096
	maxGossip = 256
	maxOwn    = 1024
)

// Divide returns the shares of a process that may have n descriptors; 0 means unknown or no limit. http, if not 0, is
// the operator's setting for HTTP, of which at most half of all descriptors are granted.
func Divide(n uint64, http int) Shares {
	const plenty = 1 << 20
	all := int(min(n, plenty))
	if n == 0 {
		all = plenty
	}
	s := Shares{HTTP: min(all/4, maxHTTP), RPC: min(all/8, maxRPC), Gossip: min(all/16, maxGossip)}
	if http > 0 {
		s.HTTP = min(http, all/2)
	}
	if all < plenty {
		own := min(all/8, maxOwn)
		s.Runs = max(1, (all-s.HTTP-s.RPC-s.Gossip-own)/perRun)
	}
	return s
}
