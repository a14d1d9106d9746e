package pluginhost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"dkron/internal/plugins"
	"dkron/internal/pluginwire"
	"dkron/plugin"
)

const (
	// describeLimit is how long a plugin may take to start and to describe itself before the next one is asked.
	describeLimit = 10 * time.Second
	// lookEvery is how often files are looked at for changes.
	lookEvery = 5 * time.Second
	// firstAgain and longAgain are the pauses before a plugin that could not be asked is asked again.
	firstAgain = time.Minute
	longAgain  = time.Hour
	// checkLimit is how long a check may take. Over time, checks may take a fifth of the time of those who wait for them.
	checkLimit = 2 * time.Second
	checkShare = 5
	// restAfter is how long a process that was started for a check waits for another one.
	restAfter = time.Minute
	// maxProblems and maxText bound what a check may find.
	maxProblems = 50
	maxText     = 500
	// maxSchema bounds a description, in bytes.
	maxSchema = 256 << 10
)

// Description is what a plugin says of itself.
type Description struct {
	Schema json.RawMessage // nil: it does not describe itself
	// Check returns the problems of a configuration, within two seconds. If the plugin can't be asked, that is a problem
	// that refuses nothing. It is nil for a plugin that checks nothing.
	Check func(config map[string]string) []plugin.Problem
}

// describe makes the plugins describe themselves: see Config.Learn. It finds new files, too.
func (h *Host) describe(learn func(kind Kind, name string, d Description)) {
	ctx := h.living()
	h.running.Go(func() {
		for {
			h.lookAgain()
			for _, s := range h.all() {
				if d := s.news(ctx); d != nil {
					learn(s.file.kind, s.file.name, *d)
				}
			}
			select {
			case <-h.quit:
				return
			case <-time.After(lookEvery):
			}
		}
	})
}

// Schema returns the description of a plugin's configuration, nil if it is not known, or too long.
func (h *Host) Schema(which plugins.Subject) (json.RawMessage, error) {
	s := named(h.all(), Kind(which.Kind), which.Name)
	if s == nil {
		return nil, unknown(which.Kind, which.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.about == nil || len(s.about.Schema) > maxSchema {
		return nil, nil
	}
	return s.about.Schema, nil
}

// living returns a context that ends with the host.
func (h *Host) living() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	h.running.Go(func() {
		<-h.quit
		cancel()
	})
	return ctx
}

// asked is what is known of a plugin's description. Only the goroutine of describe uses it.
type asked struct {
	of    *instance // that was learned last
	file  stamp
	pause time.Duration
	again time.Time // when to ask after a failure
}

// stamp changes with a file.
type stamp struct {
	size int64
	at   time.Time
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}

// news returns the plugin's description if it may have changed since the last call, nil if not or if it can't be known.
func (s *supervised) news(ctx context.Context) *Description {
	a := &s.asked
	s.mu.Lock()
	current, unfit := s.current, s.unfit()
	s.mu.Unlock()
	now := stampOf(s.file.path)
	switch {
	case unfit != nil:
		return nil
	case current != nil && current == a.of:
		return nil // a changed file counts once it runs
	case current == nil && now == a.file && time.Now().Before(a.again):
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, describeLimit)
	defer cancel()
	i, err := s.acquire(ctx)
	if err != nil {
		a.pause = min(max(2*a.pause, firstAgain), longAgain)
		a.file, a.again = now, time.Now().Add(a.pause)
		s.log.Warn("a plugin could not be asked to describe itself: jobs that use it are written without a check", "path", s.file.path, "error", err, "again_in", a.pause)
		return nil
	}
	s.release(i)
	s.rest(i)
	a.of, a.file, a.pause, a.again = i, now, 0, time.Now().Add(1000*time.Hour)
	d := new(Description)
	if i.about == nil {
		return d
	}
	if len(i.about.Schema) > maxSchema {
		s.log.Warn("a plugin's description is too long and not used", "path", s.file.path, "bytes", len(i.about.Schema), "most", maxSchema)
	} else if len(i.about.Schema) > 0 {
		d.Schema = i.about.Schema
	}
	if i.about.Checks {
		d.Check = s.check
	}
	return d
}

// rest ends a process in which nothing was executed, as if it had never been started.
func (s *supervised) rest(i *instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != i || i.uses > 0 || i.worked || s.closed {
		return
	}
	s.current, i.retired = nil, true
	s.retired[i] = struct{}{}
	s.starts--
	s.host.running.Go(i.end)
}

// check asks the plugin for the problems of a configuration.
func (s *supervised) check(config map[string]string) []plugin.Problem {
	limit := s.patience.left(time.Now())
	if limit <= 0 {
		return unchecked(s.file.name, errors.New("it was too slow lately"))
	}
	began := time.Now()
	defer func() { s.patience.spend(time.Since(began)) }()
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("no answer within %s", plugin.InWords(limit.Round(10*time.Millisecond))))
	defer cancel()
	i, err := s.acquire(ctx)
	if err != nil {
		return unchecked(s.file.name, err)
	}
	defer time.AfterFunc(restAfter, func() { s.rest(i) })
	defer s.release(i)
	found := new(pluginwire.Problems)
	if err := i.ask(ctx, pluginwire.Check, &pluginwire.Configuration{Config: config}, found); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return unchecked(s.file.name, err)
	}
	var out []plugin.Problem
	for _, p := range found.Problems[:min(len(found.Problems), maxProblems)] {
		out = append(out, plugin.Problem{Key: short(p.Key), Text: short(p.Text), Severity: plugin.Severity(p.Severity)})
	}
	return out
}

// short returns the beginning of a plugin's text.
func short(text string) string { return strings.ToValidUTF8(text[:min(len(text), maxText)], "") }

// unchecked is the problem of a configuration that nobody could check.
func unchecked(name string, why error) []plugin.Problem {
	return []plugin.Problem{{Text: fmt.Sprintf("could not be checked: plugin %s: %v", name, why)}}
}

// patience is the time that may be spent on waiting for a plugin's checks.
type patience struct {
	mu    sync.Mutex
	spent time.Duration
	at    time.Time // of spent
}

func (p *patience) settle(now time.Time) {
	p.spent, p.at = max(0, p.spent-now.Sub(p.at)/checkShare), now
}

// left returns how long may be waited now; 0 if not at all.
func (p *patience) left(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(now)
	if left := checkLimit - p.spent; left > checkLimit/20 {
		return left
	}
	return 0
}

func (p *patience) spend(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(time.Now())
	p.spent += d
}
