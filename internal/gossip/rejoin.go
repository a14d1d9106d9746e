package gossip

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"dkron"
)

const (
	maxCut = 3 // attempts cut off in a row until that counts as a wrong key and not as a passing fault

	retryFirst  = 500 * time.Millisecond // between the first attempts of RetryJoin; doubles up to its interval
	rejoinFirst = time.Second            // between attempts to find the peers from before a restart; doubles up to the last
	rejoinLast  = 30 * time.Second
)

// RetryJoin joins what resolve returns, until a node other than this one is known, or resolve returned only this node.
// It makes up to limit attempts after the first (0: no limit), with interval between them. resolve is called again for
// each attempt.
func (p *Pool) RetryJoin(ctx context.Context, resolve func() []string, interval time.Duration, limit int) error {
	cut := 0 // attempts in a row that ended with ErrKey
	for attempt := 0; ; attempt++ {
		addrs := resolve()
		for _, a := range addrs {
			if strings.Contains(a, "provider=") {
				return fmt.Errorf("cannot join %q: cloud providers need the discover helper, which is not part of this build", a)
			}
		}
		err := p.tryJoin(ctx, addrs)
		if errors.Is(err, ErrKey) {
			cut++
		} else {
			cut = 0
		}
		if cut >= maxCut {
			return err
		}
		var conflict *ConflictError
		if err == nil || errors.As(err, &conflict) {
			return err
		}
		if p.others() > 0 {
			p.log.Info("none of the nodes to join answers, but this node knows others, which it remembered or which found it", "error", err)
			return nil
		}
		foreign := errors.Is(err, dkron.ErrForeign)
		if limit > 0 && attempt >= limit && !foreign { // a node of another cluster is no reason to stop looking for one's own
			return fmt.Errorf("gave up joining after %d attempts: %w", attempt+1, err)
		}
		wait := interval
		if limit == 0 { // so that nodes that start together find each other sooner
			wait = min(interval, retryFirst<<min(attempt, 10))
		}
		level := slog.LevelWarn
		if foreign { // whoever refuses them reports it
			level = slog.LevelDebug
		}
		p.log.Log(ctx, level, "join failed; trying again", "error", err, "in", wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.stop:
			return p.closedError()
		case <-time.After(wait):
		}
	}
}

func (p *Pool) tryJoin(ctx context.Context, entries []string) error {
	addrs, named, lookup := p.lookUp(ctx, entries)
	switch {
	case len(addrs) == 0 && lookup != nil:
		return fmt.Errorf("join: %w", lookup)
	case len(addrs) == 0 && named:
		return nil
	case len(addrs) == 0:
		return errors.New("join: no addresses")
	}
	n, err := p.visit(ctx, addrs)
	switch {
	case err != nil:
		return errors.Join(err, lookup)
	case p.others() > 0 || n >= len(addrs):
		return nil
	}
	return errors.New("join: no node other than this one has answered")
}

// rejoin tries the peers from before a restart until one answers. Serf tries each of them only once, which is not
// enough if all nodes restart.
func (p *Pool) rejoin(peers []string) {
	for wait := rejoinFirst; ; wait = min(2*wait, rejoinLast) {
		select {
		case <-p.stop:
			return
		case <-time.After(wait):
		}
		if peers = slices.DeleteFunc(peers, p.strange); p.others() > 0 || len(peers) == 0 {
			return
		}
		if n, err := p.visit(context.Background(), peers); err != nil {
			level := slog.LevelInfo
			if errors.Is(err, ErrKey) {
				level = slog.LevelError
			}
			p.log.Log(context.Background(), level, "none of the peers from before the restart answers yet", "peers", len(peers), "error", err)
		} else {
			p.log.Info("looked for the peers from before the restart", "peers", len(peers), "answered", n)
		}
	}
}

// previousPeers reads the addresses of members from serf's snapshot, a file of lines “alive: name host:port” and
// “not-alive: name”; it returns those that were alive at the end, and those that were not. Lines that can't be read are
// skipped.
func previousPeers(path, self string) (alive, lost []string) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil
	}
	defer func() { _ = f.Close() }()
	up, down := map[string]string{}, map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "alive: "); ok {
			if i := strings.LastIndexByte(rest, ' '); i > 0 && rest[:i] != self {
				up[rest[:i]] = rest[i+1:]
			}
		} else if name, ok := strings.CutPrefix(lines.Text(), "not-alive: "); ok && up[name] != "" {
			down[name] = up[name]
			delete(up, name)
		}
	}
	for name := range up {
		delete(down, name)
	}
	return slices.Sorted(maps.Values(up)), slices.Sorted(maps.Values(down))
}
