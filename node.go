package dkron

// Node is a member of the cluster as the leader sees it.
type Node struct {
	Name    string
	Region  string
	RPCAddr string // host:port; empty until the node has published it
	Tags    map[string]string
	Server  bool
	Alive   bool // alive according to gossip; otherwise it has failed and may come back
}
