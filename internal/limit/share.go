package limit

import "log/slog"

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

	// few is the number of descriptors below which a node warns at its start.
	few = 4096
)

// Divide returns the shares of a process that may have n descriptors; 0 means unknown or no limit. http and runs, if not
// 0, are the operator's settings. For HTTP at most half of all descriptors are granted, and no more runs than there are
// descriptors for.
func Divide(n uint64, http, runs int) Shares {
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
	if runs > 0 && (s.Runs == 0 || runs < s.Runs) {
		s.Runs = runs
	}
	return s
}

// Log logs the shares of a process that may have n descriptors, and warns if these are few.
func (s Shares) Log(log *slog.Logger, n uint64) {
	about := []any{"descriptors", n, "http_connections", s.HTTP, "rpc_connections", s.RPC, "runs", s.Runs}
	if n > 0 && n < few {
		log.Warn("this node may open few files, so it accepts few connections and runs few executions at once; raise the hard limit "+
			"of open files (LimitNOFILE=, ulimit -Hn) to 4096 or more", about...)
		return
	}
	log.Debug("file descriptors are shared out", about...)
}
