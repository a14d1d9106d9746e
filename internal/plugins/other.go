package plugins

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"dkron"
)

const (
	// askNames is how long nodes may take to report the names of their plugins, and then as long again for the descriptions.
	askNames = time.Second
	// namesFor is how long these count as known.
	namesFor = 10 * time.Second
)

// Other is a plugin that some node has.
type Other struct {
	Name   string
	Schema []byte // JSON Schema of its configuration, as one of the nodes knows it; nil: none does
}

// known is a description that was asked for.
type known struct {
	version string // of the plugin
	schema  []byte
}

// Others returns the executors, or the processors, that are plugins of some node, by name. They may be a few seconds old. It
// takes two seconds at most, and that rarely.
func (s *Surveyor) Others(kind string) []Other {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.asked.IsZero() && time.Since(s.asked) < namesFor {
		return s.others[kind]
	}
	alive := slices.DeleteFunc(slices.Clone(s.cfg.Members()), func(n dkron.Node) bool { return !n.Alive })
	survey := s.survey(context.Background(), alive, askNames)
	rows := make(map[Subject]*Row)
	for i := range survey.Plugins {
		p := &survey.Plugins[i]
		if which := (Subject{p.Kind, p.Name}); p.State != Refused && (rows[which] == nil || p.Version > rows[which].Version) {
			rows[which] = p // of several the newest describes itself
		}
	}
	s.describe(rows, alive)
	s.others, s.asked = make(map[string][]Other), time.Now()
	for which := range rows {
		s.others[which.Kind] = append(s.others[which.Kind], Other{which.Name, s.known[which].schema})
	}
	for _, others := range s.others {
		slices.SortFunc(others, func(a, b Other) int { return cmp.Compare(a.Name, b.Name) })
	}
	return s.others[kind]
}

// describe asks for the descriptions that are not known, each at one node. The caller holds the mutex.
func (s *Surveyor) describe(rows map[Subject]*Row, nodes []dkron.Node) {
	ctx, cancel := context.WithTimeout(context.Background(), askNames)
	defer cancel()
	fresh := make(map[Subject]known)
	var mu sync.Mutex // guards fresh
	var asked sync.WaitGroup
	slots := make(chan struct{}, askAtOnce)
	for which, row := range rows {
		if k, ok := s.known[which]; ok && k.version == row.Version && k.schema != nil {
			fresh[which] = k
			continue
		}
		i := slices.IndexFunc(nodes, func(n dkron.Node) bool { return n.Name == row.Node })
		if i < 0 || row.Node == s.cfg.Name { // its own plugins describe themselves to this node without being asked
			continue
		}
		asked.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			d, err := s.cfg.Nodes.DescribePlugin(ctx, nodes[i], which)
			if err == nil && len(d.Schema) > 0 { // otherwise it is asked again
				mu.Lock()
				fresh[which] = known{row.Version, d.Schema}
				mu.Unlock()
			}
		})
	}
	asked.Wait()
	s.known = fresh
}
