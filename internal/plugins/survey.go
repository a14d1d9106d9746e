package plugins

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"dkron"
	"dkron/plugin"
)

const (
	// askNode is how long a node may take to report its plugins.
	askNode = 2 * time.Second
	// askAtOnce is how many nodes are asked at the same time.
	askAtOnce = 64
)

// Own is this node's plugins.
type Own interface {
	Plugins() []Plugin
	// Restart gives new executions of a plugin a fresh process, and returns the plugin as it is then. The error of one
	// that the node does not have is an ErrNotFound.
	Restart(ctx context.Context, r Restart) (*Plugin, error)
}

// Nodes is the other nodes, which are called by RPC.
type Nodes interface {
	Plugins(ctx context.Context, n dkron.Node) ([]Plugin, error)
	DescribePlugin(ctx context.Context, n dkron.Node, s Subject) (*Description, error)
	RestartPlugin(ctx context.Context, n dkron.Node, r Restart) (*Plugin, error)
}

// Config is what a Surveyor needs.
type Config struct {
	Name    string // of this node
	Own     Own
	Nodes   Nodes
	Members func() []dkron.Node // of the region, alive or failed
	Logger  *slog.Logger
}

// Surveyor asks all nodes of the region about their plugins. It is safe for concurrent use.
type Surveyor struct {
	cfg Config

	mu     sync.Mutex         // guards what follows
	others map[string][]Other // by kind
	asked  time.Time          // when others was found
	known  map[Subject]known  // descriptions
}

// NewSurveyor returns the surveyor of a server.
func NewSurveyor(cfg Config) *Surveyor { return &Surveyor{cfg: cfg} }

// Survey asks all nodes, or only the named one. It returns after two seconds at most, whatever the nodes do. The name of no
// node is an ErrNotFound.
func (s *Surveyor) Survey(ctx context.Context, node string) (*Survey, error) {
	nodes := s.cfg.Members()
	if node != "" {
		one, err := s.member(node)
		if err != nil {
			return nil, err
		}
		nodes = []dkron.Node{one}
	}
	return s.survey(ctx, nodes, askNode), nil
}

// survey asks nodes. It returns within limit.
func (s *Surveyor) survey(ctx context.Context, nodes []dkron.Node, limit time.Duration) *Survey {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found, errs := make([][]Plugin, len(nodes)), make([]error, len(nodes))
	slots := make(chan struct{}, askAtOnce)
	var asked sync.WaitGroup
	for i, n := range nodes {
		asked.Go(func() {
			slots <- struct{}{}
			found[i], errs[i] = s.ask(ctx, n)
			<-slots
		})
	}
	asked.Wait()
	return combine(nodes, found, errs)
}

func (s *Surveyor) ask(ctx context.Context, n dkron.Node) ([]Plugin, error) {
	if n.Name == s.cfg.Name {
		return s.cfg.Own.Plugins(), nil
	}
	if ctx.Err() == nil {
		list, err := s.cfg.Nodes.Plugins(ctx, n)
		if err == nil || ctx.Err() == nil {
			return list, err
		}
	}
	return nil, fmt.Errorf("no answer within %s", plugin.InWords(askNode)) // gRPC's text is longer
}

// combine orders what was found by node, kind and name.
func combine(nodes []dkron.Node, found [][]Plugin, errs []error) *Survey {
	out := &Survey{Plugins: []Row{}, Unreachable: []Unreachable{}}
	for i, n := range nodes {
		if errs[i] != nil {
			text := errs[i].Error()
			if !n.Alive {
				text += "; gossip sees it as failed"
			}
			out.Unreachable = append(out.Unreachable, Unreachable{n.Name, text})
		}
		for j := range found[i] {
			out.Plugins = append(out.Plugins, newRow(n.Name, &found[i][j]))
		}
	}
	slices.SortFunc(out.Plugins, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(out.Unreachable, func(a, b Unreachable) int { return cmp.Compare(a.Node, b.Node) })
	return out
}

// Restart makes new executions of a node's plugin go to a fresh process. It returns the plugin as it is then.
func (s *Surveyor) Restart(ctx context.Context, node string, r Restart) (*Row, error) {
	n, err := s.member(node)
	if err != nil {
		return nil, err
	}
	s.cfg.Logger.Info("a plugin is to be restarted", "member", node, "kind", r.Kind, "plugin", r.Name, "by", dkron.Actor(ctx))
	var p *Plugin
	if n.Name == s.cfg.Name {
		p, err = s.cfg.Own.Restart(ctx, r)
	} else {
		p, err = s.cfg.Nodes.RestartPlugin(ctx, n, r)
	}
	if err != nil {
		return nil, err
	}
	row := newRow(node, p)
	return &row, nil
}

func (s *Surveyor) member(name string) (dkron.Node, error) {
	all := s.cfg.Members()
	i := slices.IndexFunc(all, func(n dkron.Node) bool { return n.Name == name })
	if i < 0 {
		return dkron.Node{}, dkron.Error(dkron.ErrNotFound, "there is no node %.64q in this region", name)
	}
	return all[i], nil
}
