package keyring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"dkron"
	"dkron/plugin"
)

const (
	// askNode is how long a node may take. A command asks twice, within the limit of a call.
	askNode = 4 * time.Second
	// askAtOnce is how many nodes are asked at the same time.
	askAtOnce = 64
	// named is how many nodes an error names.
	named = 5
)

// Nodes is the other nodes, which are called by RPC: gossip would carry a new key encrypted with the one that may have leaked, and
// would not say which node has not answered.
type Nodes interface {
	ChangeKeys(ctx context.Context, n dkron.Node, c *Change) (*Keys, error)
}

// Config is what a Keeper needs.
type Config struct {
	Name    string // of this node
	Own     *Ring
	Nodes   Nodes
	Members func() []dkron.Node // of the region, alive or failed
	Logger  *slog.Logger
}

// Keeper has all nodes change their keys. It is safe for concurrent use.
type Keeper struct{ cfg Config }

// NewKeeper returns the keeper of a server.
func NewKeeper(cfg Config) *Keeper { return &Keeper{cfg} }

// ChangeAll has all nodes of the region do what r asks for, failed ones too. It refuses what would cut nodes off. What some nodes
// have not done is in the report.
func (k *Keeper) ChangeAll(ctx context.Context, r *Request) (*Report, error) {
	own := k.cfg.Own.Keys()
	if len(own) == 0 {
		return nil, errPlain()
	}
	id, err := r.key()
	if err != nil {
		return nil, err
	}
	nodes := k.cfg.Members()
	have := k.ask(ctx, nodes, func(dkron.Node) (*Change, error) { return &Change{Act: List}, nil })
	if r.Act == List {
		return &Report{Nodes: have}, nil
	}
	if r.Act != Install {
		if err := allow(r, have); err != nil {
			return nil, err
		}
	}
	k.cfg.Logger.Info("all nodes are asked to change their keys of gossip", "act", r.Act, "key", id, "force", r.Force)
	return &Report{id, k.ask(ctx, nodes, func(n dkron.Node) (*Change, error) {
		if r.Act != Install {
			return &Change{Act: r.Act, ID: id}, nil
		}
		sealed, err := sealFor(n.Name, own, have, r.Key)
		return &Change{Act: r.Act, ID: id, Sealed: sealed}, err
	})}, nil
}

// key returns the id of the key that the request is about.
func (r *Request) key() (string, error) {
	switch r.Act {
	case List:
		return "", nil
	case Install:
		return ID(r.Key), checkKey(r.Key)
	case Use, Remove:
		if !isID.MatchString(r.ID) {
			return "", dkron.Invalid("id: want the 8 characters that dkron keys list shows of a key, such as 1f0a93c2")
		}
		return r.ID, nil
	}
	return "", dkron.Invalid("act: this version does not know %.32q, want list, install, use or remove", r.Act)
}

// sealFor seals a key with one that a node has. own is the keys of this server, and have those of all nodes.
func sealFor(node string, own [][]byte, have []NodeKeys, key []byte) ([]byte, error) {
	i := slices.IndexFunc(have, func(n NodeKeys) bool { return n.Node == node })
	if i < 0 || have[i].Error != "" {
		return seal(own[0], key) // it may answer by now
	}
	for _, k := range own {
		if slices.Contains(have[i].IDs, ID(k)) {
			return seal(k, key)
		}
	}
	return nil, errors.New("it has none of the keys of the server that was asked: give it the present key in encrypt, and restart it")
}

// allow returns why a key must not be used, or removed, given what nodes have.
func allow(r *Request, nodes []NodeKeys) error {
	var lack, mute, encrypt []string
	has := 0
	for _, n := range nodes {
		switch i := slices.Index(n.IDs, r.ID); {
		case n.Error != "":
			mute = append(mute, n.Node+" ("+n.Error+")")
		case i < 0:
			lack = append(lack, n.Node)
		default:
			has++
			if i == 0 {
				encrypt = append(encrypt, n.Node)
			}
		}
	}
	switch {
	case has == 0 && (len(mute) == 0 || r.Act == Use):
		return dkron.Error(dkron.ErrNotFound, "no node has the key %s: dkron keys list shows those that there are", r.ID)
	case r.Act == Remove && len(encrypt) > 0:
		return dkron.Conflict("the key %s is the one with which %s: use another one first", r.ID, these(encrypt, "encrypts", "encrypt"))
	case r.Force:
	case r.Act == Use && len(lack) > 0:
		return dkron.Conflict("the key %s is missing on %s, which would understand no other node any more: install it again, "+
			"or use --force to go on without them", r.ID, these(lack, "", ""))
	case len(mute) > 0:
		return dkron.Conflict("it is not known which keys these nodes have, and they might understand no other node any more: %s. "+
			"Start them and try again, or use --force to go on without them", these(mute, "", ""))
	}
	return nil
}

// these names a few nodes.
func these(nodes []string, one, many string) string {
	verb := one
	if len(nodes) > 1 {
		verb = many
	}
	text := strings.Join(nodes[:min(len(nodes), named)], ", ")
	if more := len(nodes) - named; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return strings.TrimSpace(text + " " + verb)
}

// ask asks all nodes. It returns soon after askNode, whatever they do.
func (k *Keeper) ask(ctx context.Context, nodes []dkron.Node, what func(dkron.Node) (*Change, error)) []NodeKeys {
	ctx, cancel := context.WithTimeout(ctx, askNode)
	defer cancel()
	out := make([]NodeKeys, len(nodes))
	slots := make(chan struct{}, askAtOnce)
	var asked sync.WaitGroup
	for i, n := range nodes {
		asked.Go(func() {
			slots <- struct{}{}
			out[i] = k.one(ctx, n, what)
			<-slots
		})
	}
	asked.Wait()
	slices.SortFunc(out, func(a, b NodeKeys) int { return cmp.Compare(a.Node, b.Node) })
	return out
}

func (k *Keeper) one(ctx context.Context, n dkron.Node, what func(dkron.Node) (*Change, error)) NodeKeys {
	keys := new(Keys)
	c, err := what(n)
	switch {
	case err != nil:
	case n.Name == k.cfg.Name:
		keys, err = k.cfg.Own.Change(c)
	default:
		keys, err = k.cfg.Nodes.ChangeKeys(ctx, n, c)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		err = fmt.Errorf("no answer within %s", plugin.InWords(askNode)) // gRPC's text is longer
	case err == nil && len(keys.IDs) == 0:
		err = errors.New("its gossip is not encrypted")
	}
	if err != nil {
		text := err.Error()
		if !n.Alive {
			text += "; gossip sees it as failed"
		}
		return NodeKeys{Node: n.Name, Error: text}
	}
	return NodeKeys{Node: n.Name, IDs: keys.IDs}
}
