package alarm

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// world is a cluster as a server sees it, and a receiver.
type world struct {
	mu      sync.Mutex // guards what follows
	leader  string
	term    uint64
	changed chan struct{}
	late    time.Duration
	fails   error
	calls   []string
}

func (w *world) Leader() (id, addr string) { w.mu.Lock(); defer w.mu.Unlock(); return w.leader, "" }
func (w *world) Term() uint64              { w.mu.Lock(); defer w.mu.Unlock(); return w.term }
func (w *world) next() <-chan struct{}     { w.mu.Lock(); defer w.mu.Unlock(); return w.changed }

func (w *world) elect(leader string, term uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.leader, w.term = leader, term
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *world) Call(_ context.Context, address, id string, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := time.Now().UTC().Format("15:04:05 ") + address + " " + id
	var text struct{ Text string }
	if body != nil {
		if err := json.Unmarshal(body, &text); err != nil {
			return err
		}
		line += ": " + text.Text
	}
	w.calls = append(w.calls, strings.TrimSpace(line))
	return w.fails
}

func (w *world) Mail(_ context.Context, to, id, subject, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, time.Now().UTC().Format("15:04:05 ")+to+" "+id+": "+subject+": "+strings.TrimSpace(text))
	return w.fails
}

func (w *world) want(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.calls, lines) {
		t.Errorf("called:\n%s\nwant\n%s", strings.Join(w.calls, "\n"), strings.Join(lines, "\n"))
	}
	w.calls = nil
}

func (w *world) alarm() *Alarm {
	return New(Config{
		Node: "s1", Cluster: func() string { return "k" }, Leadership: w, LeaderChanged: w.next, Caller: w, Mailer: w,
		Late:     func(time.Time) time.Duration { w.mu.Lock(); defer w.mu.Unlock(); return w.late },
		AlarmURL: "alarm", HeartbeatURL: "beat", Every: time.Minute, Logger: slog.New(slog.DiscardHandler),
	})
}

func newWorld() *world { return &world{changed: make(chan struct{})} }

func TestAnAlarmIsRaisedWhenThereIsNoLeaderForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.elect("s2", 7)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.alarm().Watch(ctx) }()
		synctest.Wait()
		w.elect("", 8) // an election
		time.Sleep(50 * time.Second)
		w.elect("s3", 9)
		time.Sleep(time.Hour)
		w.want(t)
		w.elect("", 10)
		w.elect("", 23) // candidates raise the term, each server's is another
		time.Sleep(5 * time.Minute)
		w.want(t, "01:01:50 alarm k/no-leader/9/no_leader: The dkron cluster has no leader since 2000-01-01T01:00:50Z, says s1: no job is launched.")
		w.elect("s1", 24)
		w.want(t, "01:05:50 alarm k/no-leader/9/leader_back: The dkron cluster has a leader again, s1, says s1: it had none for 5 min.")
		time.Sleep(time.Hour)
		w.want(t)
		stop()
		<-ended
	})
}

// A server that is started while there is no leader has its last term on disk. With another id the alarm would be taken for a repeat.
func TestAServerThatStartsWithoutALeaderNamesTheLastTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.elect("", 41)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.alarm().Watch(ctx) }()
		time.Sleep(61 * time.Second)
		w.want(t, "00:01:00 alarm k/no-leader/41/no_leader: The dkron cluster has no leader since 2000-01-01T00:00:00Z, says s1: no job is launched.")
		stop()
		<-ended
	})
}

func TestAnAlarmIsAMailIfItsAddressIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		a := w.alarm()
		a.AlarmURL = "mailto:ann@example.com,bob@example.com"
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); a.Watch(ctx) }()
		time.Sleep(70 * time.Second)
		const to = "ann@example.com,bob@example.com k/no-leader/0/"
		w.want(t, "00:01:00 "+to+"no_leader: The cluster has no leader: The dkron cluster has no leader since 2000-01-01T00:00:00Z, says s1: no job is launched.")
		w.elect("s1", 1)
		w.want(t, "00:01:10 "+to+"leader_back: The cluster has a leader again: The dkron cluster has a leader again, s1, says s1: it had none for 1 min 10 s.")
		stop()
		<-ended
	})
}

func TestAnAlarmIsTriedUntilItArrivesOrThereIsALeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.fails = errors.New("down")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.alarm().Watch(ctx) }()
		time.Sleep(80 * time.Second)
		const text = "alarm k/no-leader/0/no_leader: The dkron cluster has no leader since 2000-01-01T00:00:00Z, says s1: no job is launched."
		w.want(t, "00:01:00 "+text, "00:01:05 "+text, "00:01:15 "+text)
		w.elect("s1", 1)
		time.Sleep(time.Hour)
		w.want(t) // nobody heard of it, so nobody has to hear that it is over
		stop()
		<-ended
	})
}

func TestTheHeartBeatsWhileTheSchedulerKeepsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = w.alarm().Beat(ctx) }()
		time.Sleep(130 * time.Second)
		w.want(t, "00:00:00 beat", "00:01:00 beat", "00:02:00 beat")
		w.mu.Lock()
		w.late = 2 * time.Minute
		w.mu.Unlock()
		time.Sleep(10 * time.Minute)
		w.want(t)
		w.mu.Lock()
		w.late, w.fails = 0, errors.New("down")
		w.mu.Unlock()
		time.Sleep(time.Minute)
		w.want(t, "00:13:00 beat")
		time.Sleep(time.Minute)
		w.want(t, "00:14:00 beat")
		stop()
		<-ended
	})
}
