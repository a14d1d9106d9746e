// Package alarm speaks for the cluster where its log can't: each server raises an alarm when there is no leader, and the
// leader calls an address from time to time, so that somebody else notices when it no longer does.
package alarm

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"dkron/internal/clock"
	"dkron/plugin"
)

const (
	// after is how long the cluster has no leader before an alarm is raised. An election takes a few seconds.
	after = time.Minute
	// timeout is how long a call may take.
	timeout = 10 * time.Second
	// mailTimeout is how long a mail may take: servers may take their time to look at senders.
	mailTimeout = time.Minute
	// firstPause and longestPause are the pauses before an alarm is tried again; each is twice the one before.
	firstPause   = 5 * time.Second
	longestPause = time.Minute
	// stuck is how late the scheduler may be for the heart to beat.
	stuck = time.Minute
)

// Caller calls an address: with a body by POST, else by GET. A status of 400 or more is an error, which does not have the
// address in it. id lets receivers drop repeats.
type Caller interface {
	Call(ctx context.Context, address, id string, body []byte) error
}

// Mailer writes to addresses, separated by commas. id is the same in repeats.
type Mailer interface {
	Mail(ctx context.Context, to, id, subject, text string) error
}

// Leadership is what a server knows of the leader.
type Leadership interface {
	Leader() (id, addr string)
	Term() uint64
}

// Config is what an Alarm needs.
type Config struct {
	Node       string
	Cluster    func() string
	Leadership Leadership
	// LeaderChanged returns a channel that is closed when this server next hears of another leader, or of none.
	LeaderChanged func() <-chan struct{}
	// Late returns for how long the oldest due time has not been decided.
	Late   func(now time.Time) time.Duration
	Caller Caller
	Mailer Mailer // for an AlarmURL that is mailto:

	AlarmURL     string        // "": no alarm is raised
	HeartbeatURL string        // "": there is no heartbeat
	Every        time.Duration // between two beats
	Logger       *slog.Logger
}

// Alarm is a server's.
type Alarm struct{ Config }

// New returns an alarm.
func New(cfg Config) *Alarm { return &Alarm{cfg} }

// lack is a time without a leader. Its id is the same on every server that had the same leader before.
type lack struct {
	ID      string    `json:"id"`
	Event   string    `json:"event"` // no_leader, leader_back
	Cluster string    `json:"cluster"`
	Node    string    `json:"node"` // that says so
	Since   time.Time `json:"since"`
	Leader  string    `json:"leader"` // "" if there is none
	Text    string    `json:"text"`
}

// Watch raises an alarm whenever the cluster has had no leader for a minute, and calls again when it has one. It returns when
// ctx ends.
func (a *Alarm) Watch(ctx context.Context) {
	if a.AlarmURL == "" {
		return
	}
	term := a.Leadership.Term() // in which this server last knew a leader; before that, the one of its log
	for ctx.Err() == nil {
		changed := a.LeaderChanged()
		if leader, _ := a.Leadership.Leader(); leader != "" {
			term = a.Leadership.Term()
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		l := &lack{
			ID: fmt.Sprintf("%s/no-leader/%d", a.Cluster(), term), Event: "no_leader", Cluster: a.Cluster(), Node: a.Node, Since: clock.Now(),
		}
		if !a.lasts(ctx) {
			continue
		}
		l.Text = fmt.Sprintf("The dkron cluster has no leader since %s, says %s: no job is launched.", l.Since.UTC().Format(time.RFC3339), a.Node)
		a.Logger.Error("the cluster has no leader; raising the alarm", "since", l.Since)
		if !a.deliver(ctx, l, func() bool { return a.led() == "" }) {
			continue // it never got out, and there is a leader again
		}
		a.await(ctx)
		l.Event, l.Leader = "leader_back", a.led()
		l.Text = fmt.Sprintf("The dkron cluster has a leader again, %s, says %s: it had none for %s.", l.Leader, a.Node, plugin.InWords(clock.Now().Sub(l.Since).Round(time.Second)))
		a.deliver(ctx, l, func() bool { return true })
	}
}

func (a *Alarm) led() string {
	leader, _ := a.Leadership.Leader()
	return leader
}

// lasts reports whether there is no leader for as long as an alarm takes.
func (a *Alarm) lasts(ctx context.Context) bool {
	wait, stop := context.WithTimeout(ctx, after)
	defer stop()
	a.await(wait)
	return ctx.Err() == nil && wait.Err() != nil
}

// await waits until there is a leader, or ctx ends.
func (a *Alarm) await(ctx context.Context) {
	for ctx.Err() == nil {
		changed := a.LeaderChanged()
		if a.led() != "" {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// deliver calls until it succeeds, as long as what it says is so. It reports whether it did.
func (a *Alarm) deliver(ctx context.Context, l *lack, so func() bool) bool {
	body, err := json.Marshal(l)
	if err != nil {
		return false // never: it is texts
	}
	for pause := firstPause; ctx.Err() == nil && so(); pause = min(2*pause, longestPause) {
		if err = a.raise(ctx, l, body); err == nil {
			return true
		}
		a.Logger.Warn("could not raise the alarm; trying again", "error", err, "retry_in", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	return false
}

// raise calls the address, or writes to those whom it names.
func (a *Alarm) raise(ctx context.Context, l *lack, body []byte) error {
	id := l.ID + "/" + l.Event
	to, mails := strings.CutPrefix(a.AlarmURL, "mailto:")
	if !mails {
		return a.call(ctx, a.AlarmURL, id, body)
	}
	subject := "The cluster has no leader"
	if l.Leader != "" {
		subject = "The cluster has a leader again"
	}
	ctx, stop := context.WithTimeout(ctx, mailTimeout)
	defer stop()
	return a.Mailer.Mail(ctx, to, id, subject, l.Text+"\n")
}

func (a *Alarm) call(ctx context.Context, address, id string, body []byte) error {
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	return a.Caller.Call(ctx, address, id, body)
}

// Beat calls the address of the heartbeat until ctx ends, as long as the scheduler keeps up. The leader does it.
func (a *Alarm) Beat(ctx context.Context) error {
	if a.HeartbeatURL == "" {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(a.Every)
	defer tick.Stop()
	failing := false
	for ctx.Err() == nil {
		if late := a.Late(clock.Now()); late > stuck {
			a.Logger.Error("no heartbeat: due times are not decided", "late", late)
		} else if err := a.call(ctx, a.HeartbeatURL, "", nil); err != nil && ctx.Err() == nil {
			a.Logger.Warn("the heartbeat does not arrive", "error", err, "retry_in", a.Every)
			failing = true
		} else if failing && err == nil {
			a.Logger.Info("the heartbeat arrives again")
			failing = false
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return nil
}
