package roster

import (
	"maps"
	"net"
	"strconv"
)

// The tags by which a node describes itself. All others are the operator's.
const (
	tagRole       = "role"
	tagDatacenter = "dc"
	tagRegion     = "region"
	tagVersion    = "version"
	tagRPC        = "rpc_addr"
	tagPort       = "port" // of rpc_addr; some clients read it
	tagServer     = "server"
	tagExpect     = "expect"
	tagCluster    = "dkron_cluster" // see package identity; absent in versions from before clusters had ids
	tagSpeaks     = "dkron_speaks"  // see package compat; absent in versions from before protocols had numbers
	tagStopping   = "stopping"      // see docs/adr/0011-leaving.md
)

// Stopping announces that a server is about to stop; empty if it is not.
type Stopping string

// The values of Stopping.
const (
	ForNow  Stopping = "term"  // it stops, and may come back soon
	ForGood Stopping = "leave" // it leaves for good, Raft's configuration too
)

// Self is what a node publishes about itself.
type Self struct {
	Own        map[string]string // the operator's tags
	Datacenter string
	Region     string
	Version    string
	RPCAddr    string // host:port for other nodes
	Server     bool
	Expect     int    // servers with which it founds a cluster; 0: it founds none
	Cluster    string // as identity.Identity.Tag has it
	Speaks     string // as compat.Window.String has it
	Stopping   Stopping
}

// Tags returns the tags to be published.
func (s Self) Tags() map[string]string {
	tags := map[string]string{tagRole: "dkron"}
	maps.Copy(tags, s.Own)
	_, port, _ := net.SplitHostPort(s.RPCAddr)
	tags[tagCluster], tags[tagSpeaks] = s.Cluster, s.Speaks
	tags[tagDatacenter], tags[tagRegion] = s.Datacenter, s.Region
	tags[tagVersion], tags[tagRPC], tags[tagPort] = s.Version, s.RPCAddr, port
	if s.Server {
		tags[tagServer] = "true"
		if s.Expect > 0 {
			tags[tagExpect] = strconv.Itoa(s.Expect)
		}
	}
	if s.Stopping != "" {
		tags[tagStopping] = string(s.Stopping)
	}
	return tags
}

// A member's description in its tags.

// IsServer reports whether the member is a server.
func (m Member) IsServer() bool { return m.Tags[tagServer] == "true" }

// Region returns the member's region.
func (m Member) Region() string { return m.Tags[tagRegion] }

// RPCAddr returns host:port of the member's RPC, empty if it publishes none.
func (m Member) RPCAddr() string { return m.Tags[tagRPC] }

// Version returns the member's version.
func (m Member) Version() string { return m.Tags[tagVersion] }

// Expect returns the number of servers with which the member founds a cluster, 0 if it founds none.
func (m Member) Expect() int {
	n, _ := strconv.Atoi(m.Tags[tagExpect]) // a missing tag means 0
	return n
}

// Stopping returns how the member is about to stop, empty if it is not.
func (m Member) Stopping() Stopping { return Stopping(m.Tags[tagStopping]) }

// Cluster returns the cluster tag; ok is false if the member's version publishes none.
func (m Member) Cluster() (tag string, ok bool) {
	tag, ok = m.Tags[tagCluster]
	return tag, ok
}

// Speaks returns what the member publishes of the protocols that it speaks, empty if it does not say.
func (m Member) Speaks() string { return m.Tags[tagSpeaks] }

// Public returns the tags that the API shows. The cluster is the same on all, and has a place of its own; protocols are
// among nodes.
func (m Member) Public() map[string]string { return without(m.Tags, tagCluster, tagSpeaks) }

// targets returns the tags that jobs can be aimed at.
func (m Member) targets() map[string]string {
	return without(m.Tags, tagCluster, tagSpeaks, tagStopping)
}

func without(tags map[string]string, keys ...string) map[string]string {
	out := maps.Clone(tags)
	for _, key := range keys {
		delete(out, key)
	}
	return out
}
