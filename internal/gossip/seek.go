package gossip

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"dkron/internal/roster"
)

const (
	seekFirst = time.Second // between looks; doubles up to the last while something is missing
	seekLast  = 30 * time.Second
	seekTell  = 10 * time.Minute // between log lines while something is missing

	maxRemembered = 256 // members that are gone
	maxServers    = 16  // at most this many servers are tried at once, and as many others
	maxOthers     = 8
)

// Search configures how a node looks for others throughout its life.
type Search struct {
	Entries func() []string  // host or host:port, to be resolved; called for each attempt
	Missing func() string    // what the node lacks, "" if nothing
	Tried   func(found bool) // is called after each attempt; may be nil
}

// Seek looks for other nodes whenever this one lacks something, until ctx or the pool ends: at the entries of s, whose
// names are resolved each time, and at the last addresses of members that are gone. It does not look where a live
// member is known to be.
func (p *Pool) Seek(ctx context.Context, s Search) {
	k := seeker{Pool: p, Search: s, wait: seekFirst}
	for {
		// Spread, for nodes that have lost the same server.
		pause := k.wait - k.wait/4 + rand.N(k.wait/2)
		select {
		case <-ctx.Done():
			return
		case <-p.stop:
			return
		case <-time.After(pause):
		}
		k.look(ctx, time.Now())
	}
}

// seeker is one Seek.
type seeker struct {
	*Pool
	Search
	wait   time.Duration // until the next look
	since  time.Time     // when something was first missing; zero: nothing is
	logged time.Time     // when the last log line was written
}

// look checks once, and makes an attempt if something is missing for the second time in a row, because leaders change.
func (k *seeker) look(ctx context.Context, now time.Time) {
	why := k.Missing()
	switch {
	case why == "":
		if !k.logged.IsZero() {
			k.log.Info("this node has found what it lacked", "after", now.Sub(k.since).Round(time.Second))
		}
		k.wait, k.since, k.logged = seekFirst, time.Time{}, time.Time{}
		return
	case k.since.IsZero():
		k.since = now
		return
	}
	k.wait = min(2*k.wait, seekLast)
	addrs, lookup := k.candidates(ctx)
	n, err := 0, lookup
	if len(addrs) > 0 {
		n, err = k.visit(ctx, addrs)
	}
	if n == 0 {
		k.compareNotes()
	}
	if k.Tried != nil {
		k.Tried(n > 0)
	}
	if now.Sub(k.logged) < seekTell && n == 0 {
		return
	}
	k.logged = now
	level, text := slog.LevelWarn, "this node still looks for other nodes, because it lacks something"
	if n > 0 {
		level, text = slog.LevelInfo, "this node looked for other nodes and found some"
	}
	args := []any{"lacks", why, "since", now.Sub(k.since).Round(time.Second), "looked_at", addrs, "found", n}
	if err != nil {
		args = append(args, "error", err)
	}
	k.log.Log(ctx, level, text, args...)
}

// compareNotes exchanges the state with one of the live members: it may know a node's new address.
func (k *seeker) compareNotes() {
	if list := k.neighbours(); len(list) > 0 {
		_, _ = k.Join([]string{list[rand.IntN(len(list))]})
	}
}

// candidates returns addresses of nodes that this one does not see.
func (k *seeker) candidates(ctx context.Context) (addrs []string, err error) {
	addrs, _, err = k.lookUp(ctx, k.Entries())
	addrs = append(addrs, k.roll.gone()...)
	alive := make(map[string]bool)
	for _, m := range k.roll.all() {
		if m.Status == roster.Alive {
			alive[m.Endpoint()] = true
		}
	}
	addrs = slices.DeleteFunc(addrs, func(a string) bool { return alive[a] || a == k.self.endpoint() || k.strange(a) })
	slices.Sort(addrs)
	return slices.Compact(addrs), err
}

// gone returns the last addresses of members that are not alive, servers first, and others chosen at random.
func (r *roll) gone() []string {
	var servers, others []string
	r.mu.RLock()
	add := func(m Member) {
		switch {
		case m.Status == roster.Alive:
		case m.IsServer():
			servers = append(servers, m.Endpoint())
		default:
			others = append(others, m.Endpoint())
		}
	}
	for _, m := range r.members {
		add(m)
	}
	for _, m := range r.reaped {
		add(m)
	}
	others = append(others, r.before...)
	r.mu.RUnlock()
	shuffle := func(list []string) { rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] }) }
	shuffle(servers)
	shuffle(others)
	return append(servers[:min(len(servers), maxServers)], others[:min(len(others), maxOthers)]...)
}
