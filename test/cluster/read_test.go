package cluster

import (
	"net/http"
	"strconv"
	"testing"
)

func TestAConsistentReadOnAFollowerHoldsWhatTheLeaderAcknowledged(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	leader := c.Leader()
	behind := 0
	for i := range 50 {
		owner := strconv.Itoa(i)
		job := map[string]any{"name": "job", "schedule": "@manually", "owner": owner}
		if _, err := c.call(leader, http.MethodPost, "/v1/jobs", job, nil); err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Servers {
			var plain, got struct{ Owner string }
			if _, err := c.call(s, http.MethodGet, "/v1/jobs/job", nil, &plain); err != nil || plain.Owner != owner {
				behind++
			}
			if _, err := c.call(s, http.MethodGet, "/v1/jobs/job?consistent", nil, &got); err != nil || got.Owner != owner {
				t.Fatalf("write %d, read on %s: owner %q, %v", i, s.Name, got.Owner, err)
			}
		}
	}
	t.Logf("%d of 150 plain reads were behind", behind)
}

func TestAConsistentReadWithoutALeaderIsRefused(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	leader := c.Leader()
	leader.Kill()
	var follower *Node
	for _, s := range c.Servers {
		if s != leader && follower == nil {
			follower = s
		} else {
			s.Kill()
		}
	}
	Eventually(t, 15*callTimeout, "the read is refused", func() bool {
		status, _ := c.call(follower, http.MethodGet, "/v1/jobs?consistent", nil, nil)
		return status == http.StatusServiceUnavailable
	})
	if _, err := c.call(follower, http.MethodGet, "/v1/jobs", nil, nil); err != nil {
		t.Error(err)
	}
}
