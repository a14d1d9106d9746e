package membership

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// named is a cluster's id in the state.
type named struct{ id string }

func (n *named) Cluster() (string, error) { return n.id, nil }

func (n *named) Identify(_ context.Context, id string) error {
	n.id = id
	return nil
}

func TestTheClusterGetsItsIdOnceAllServersKnowIds(t *testing.T) {
	for name, c := range map[string]struct {
		first   *Status       // of s2; nil: it does not answer
		changed bool          // members change when s2 is upgraded
		within  time.Duration // of the upgrade
	}{
		"all know ids":                     {first: &Status{Knows: true}},
		"members change":                   {first: &Status{}, changed: true},
		"nothing is heard of the upgrade":  {first: &Status{}, within: identifyMost},
		"one could not be asked":           {within: identifyMost},
		"one that could not be asked says": {changed: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, state := newWorld("s1+ s2+"), &named{}
			if c.first != nil {
				w.status["s2"] = c.first
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			m := w.membership()
			go func() { _ = m.Identify(ctx, state) }()
			time.Sleep(30*time.Second + time.Millisecond)
			synctest.Wait()
			if known := c.first != nil && c.first.Knows; (state.id != "") != known {
				t.Errorf("%s: the id is %q", name, state.id)
			}
			w.mu.Lock()
			w.status["s2"] = &Status{Knows: true}
			w.mu.Unlock()
			if c.changed {
				m.MembersChanged()
			}
			time.Sleep(c.within)
			synctest.Wait()
			if state.id != "x" {
				t.Errorf("%s: no id within %v", name, c.within)
			}
		})
	}
}
