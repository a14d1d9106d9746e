package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A receiver refuses until the leader gives up; the dead letter is seen and sent again through another server, whose leader dies
// before the receiver is back.
func TestANoticeThatWasGivenUpIsSentAgainAlthoughTheLeaderDies(t *testing.T) {
	web, url := newNotices(t)
	web.set(404, false) // a refusal that looks final: it is given up after six attempts
	s := &story{web: web, Cluster: Start(t, Config{Servers: 3, Agents: 1, Flags: []string{
		"--enable-prometheus", "--webhook-endpoint=" + url, "--webhook-payload={{.JobName}} {{.Success}}",
	}})}
	s.agreed()
	s.put("a", "true", nil)
	s.run("a")
	s.ended("a", 1)
	type message struct {
		Number                         int
		Channel, Setting, State, Error string
	}
	follower := func() *Node {
		leader := s.Leader()
		for _, n := range s.Servers {
			if n != leader {
				return n
			}
		}
		return leader
	}
	var failed []message
	Eventually(t, 2*time.Minute, "a follower has the dead letter", func() bool {
		status, err := s.call(follower(), "GET", "/v1/messages?state=failed", nil, &failed)
		return err == nil && status == 200 && len(failed) == 1
	})
	m := failed[0]
	if m.Channel != "settings:webhook" || m.Setting != "webhook-endpoint" || !strings.Contains(m.Error, "404") {
		t.Errorf("%+v", m)
	}
	path := fmt.Sprintf("/v1/messages/%d", m.Number)
	web.set(500, false)
	Eventually(t, time.Minute, "it is sent again", func() bool {
		status, err := s.call(follower(), "POST", path+"/resend", nil, nil)
		return err == nil && status == 202
	})
	leader := s.Leader()
	s.Event("kill leader %s", leader.Name)
	leader.Kill()
	web.set(0, false)
	Eventually(t, 2*time.Minute, "the new leader has sent it", func() bool {
		var m message
		return s.Get(path, &m) == nil && m.State == "sent"
	})
	if ids, _ := web.of(""); len(ids) != 1 || !strings.HasSuffix(ids[0], "/end") || web.said(ids[0]) != "a true" {
		t.Errorf("told: %q", ids)
	}
	leader.Start()
}
