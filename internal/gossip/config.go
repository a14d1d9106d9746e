package gossip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"
)

// DefaultPort is used for addresses of this node without a port.
const DefaultPort = 8946

// reclaimAfter is how long a node must be dead before another address may take its name. It can be short, since a node
// first makes sure that no node answers to its name at the old address; see name.go.
const reclaimAfter = time.Second

// broadcastLimit is how long sending news of this node may take: enough for thousands of nodes on a slow network, but
// short when all nodes stop and no one is left to receive it.
const broadcastLimit = 3 * time.Second

// Config is what a Pool needs to know.
type Config struct {
	NodeName      string // unique in the pool
	BindAddr      string // host:port for TCP and UDP
	AdvertiseAddr string // host:port that others use; empty: the bound address
	Profile       string // lan (default), wan or local: timing

	// EncryptKeys are 16, 24 or 32 bytes each. The first encrypts, all decrypt. None: no encryption.
	EncryptKeys [][]byte
	EncryptMode string // Require, Send or Accept; default Require. See also SetKeys

	// SnapshotPath is a file that remembers the peers over a restart; empty: none. Its directory is created. The file
	// addresses next to it holds this node's own addresses.
	SnapshotPath string

	ReconnectTimeout time.Duration // how long a failed member is kept; default 24 h
	Tags             map[string]string
	Connections      int     // most connections that others may have open to this node; default 64
	Handler          Handler // may be nil; Open calls it before it returns

	// Admit decides whether members may become known here: all that another node knows, or a single one. An error
	// refuses them; it should be an ErrForeign. It is called with locks held: it must be quick and must not use the pool.
	// nil: all are admitted.
	Admit func([]Member) error

	// OnEvent is called with each change, in order, on the goroutine that also calls Handler; may be nil. If it falls
	// far behind, a member's older events are dropped in favour of its newest.
	OnEvent func(Event)

	// Lookup returns the addresses of a host's name; nil: as the system does.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)

	Logger *slog.Logger // nil: none

	tune func(*memberlist.Config) // for tests
}

func (c Config) serf() (*serf.Config, error) {
	if c.NodeName == "" {
		return nil, errors.New("gossip needs a node name")
	}
	ml, err := c.memberlist()
	if err != nil {
		return nil, err
	}
	sc := serf.DefaultConfig()
	sc.MemberlistConfig = ml
	sc.NodeName = c.NodeName
	sc.Tags = c.Tags
	sc.ProtocolVersion = 4
	sc.LogOutput, sc.Logger = io.Discard, ml.Logger
	sc.EnableNameConflictResolution = false // see name.go
	sc.CoalescePeriod, sc.UserCoalescePeriod = 0, 0
	sc.BroadcastTimeout = broadcastLimit
	sc.RejoinAfterLeave = true // a stop is a leave, and a restart should find the peers again
	if c.ReconnectTimeout > 0 {
		sc.ReconnectTimeout = c.ReconnectTimeout
	}
	if c.SnapshotPath != "" {
		if err := os.MkdirAll(filepath.Dir(c.SnapshotPath), 0o700); err != nil {
			return nil, err
		}
		sc.SnapshotPath = c.SnapshotPath
	}
	return sc, nil
}

func (c Config) memberlist() (*memberlist.Config, error) {
	var ml *memberlist.Config
	switch c.Profile {
	case "", "lan":
		ml = memberlist.DefaultLANConfig()
	case "wan":
		ml = memberlist.DefaultWANConfig()
	case "local":
		ml = memberlist.DefaultLocalConfig()
		ml.RetransmitMult = 4 // as for lan; with 2, one message in sixteen misses one of five nodes until the next full exchange
	default:
		return nil, fmt.Errorf("unknown profile: %s", c.Profile)
	}
	var err error
	if ml.BindAddr, ml.BindPort, err = splitAddr(c.BindAddr); err != nil {
		return nil, fmt.Errorf("bind address: %w", err)
	}
	ml.AdvertisePort = ml.BindPort
	if c.AdvertiseAddr != "" {
		if ml.AdvertiseAddr, ml.AdvertisePort, err = splitAddr(c.AdvertiseAddr); err != nil {
			return nil, fmt.Errorf("advertise address: %w", err)
		}
	}
	if len(c.EncryptKeys) > 0 {
		if ml.Keyring, err = memberlist.NewKeyring(c.EncryptKeys, c.EncryptKeys[0]); err != nil {
			return nil, fmt.Errorf("invalid encryption key: %w", err)
		}
	}
	if err := encrypted(ml, c.EncryptMode); err != nil {
		return nil, err
	}
	ml.DeadNodeReclaimTime = reclaimAfter
	ml.LogOutput, ml.Logger = nil, newLogger(c.Logger)
	if c.tune != nil {
		c.tune(ml)
	}
	return ml, nil
}

// splitAddr returns the IP and port of host:port, where host may be a name and :port may be missing.
func splitAddr(addr string) (ip string, port int, err error) {
	host, p, err := net.SplitHostPort(addr)
	if err != nil {
		host, p = addr, strconv.Itoa(DefaultPort)
	}
	if port, err = strconv.Atoi(p); err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("%q has no valid port", addr)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	a, err := net.ResolveIPAddr("ip", host)
	if err != nil {
		return "", 0, err
	}
	return a.IP.String(), port, nil
}
