package roster

import (
	"crypto/sha256"
	"fmt"
	"net"
	"strconv"
)

// Status is what is known of a member. The numbers are part of the public API.
type Status int

// The statuses of a member.
const (
	None Status = iota
	Alive
	Leaving
	Left
	Failed
)

func (s Status) String() string {
	if s < None || s > Failed {
		return "unknown"
	}
	return [...]string{"none", "alive", "leaving", "left", "failed"}[s]
}

// Member is a node as gossip shows it. Its field names are those of the public API.
type Member struct {
	Name   string
	Addr   string // IP
	Port   int
	Tags   map[string]string // read-only; see tags.go for their meaning
	Status Status

	ProtocolMin, ProtocolMax, ProtocolCur int
	DelegateMin, DelegateMax, DelegateCur int
}

// Endpoint is host:port of the member's gossip.
func (m Member) Endpoint() string { return net.JoinHostPort(m.Addr, strconv.Itoa(m.Port)) }

// ID is a stable id in the shape of a UUID, derived from the name, which is what identifies a member.
func (m Member) ID() string {
	h := sha256.Sum256([]byte("dkron member " + m.Name))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80 // version 8: custom
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// Server is a server of Raft's configuration.
type Server struct {
	ID, Address string
	Voter       bool
	Leader      bool // as the asked node knows it; ignored in arguments
}

// Find returns the server with an id.
func Find(servers []Server, id string) (Server, bool) {
	for _, s := range servers {
		if s.ID == id {
			return s, true
		}
	}
	return Server{}, false
}
