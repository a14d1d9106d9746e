package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/state"
)

const (
	// timeout is how long an attempt to send a message may take.
	timeout = 10 * time.Second
	// firstPause and longestPause are the pauses before a message is tried again; each is twice the one before.
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	// giveUpAfter is the age of a message at which the next failure is the last.
	giveUpAfter = 24 * time.Hour
	// maxRefusals is after how many failures in a row a refusal that looks final is final. These are half a minute, in which
	// a receiver can be replaced.
	maxRefusals = 6
	// again is when something is proposed again that could not be.
	again = time.Second
	// pace is the pause between two looks at the state: a storm of alerts is looked at together.
	pace = 100 * time.Millisecond
	// look is when the state is looked at although nothing has changed: quiet hours end, and reminders become due.
	look = 10 * time.Second
)

// Recorder proposes what the courier decides.
type Recorder interface {
	// Compose makes what waits for a channel into a message, unless the channel has got one after the given one.
	Compose(ctx context.Context, channel string, after uint64, quiet []string, now time.Time) error
	// Sent records what an attempt came to.
	Sent(ctx context.Context, a dkron.Attempt) error
	// Remind notifies people again of open alerts.
	Remind(ctx context.Context, alerts []uint64, now time.Time) error
	// Overdue has the rules look at launches that have not started or not ended in time.
	Overdue(ctx context.Context, launches []uint64, now time.Time) error
	// Breached has the rules look at objectives that are not met.
	Breached(ctx context.Context, breaches []dkron.Breach, now time.Time) error
}

// Breaches calls fn for each objective that is not met, and returns when the next one will be if nothing happens, the zero
// time if that is open.
type Breaches func(tx *state.Tx, now time.Time, fn func(*dkron.Job, *dkron.Progress, dkron.Breach)) (next time.Time, err error)

// Sender sends a message once, and returns within ctx. An error with a method Permanent that returns true means that another
// attempt will hardly do better; one with a method Partly that returns true, that only some recipients did not get it, and never will.
type Sender interface {
	Send(ctx context.Context, c *dkron.Channel, b *dkron.Brief) error
}

// Config is what a Courier needs.
type Config struct {
	Node     string // the name of this server
	Cluster  func() string
	Link     func() string // the address of this server's page; "" if it has none
	State    *state.Store
	Recorder Recorder
	Sender   Sender
	Breaches Breaches                                // may be nil
	Count    func(kind string, s dkron.MessageState) // is called for the result of each attempt, with the type of the channel; may be nil
	Logger   *slog.Logger
}

// Courier is one term's courier. All of its fields belong to Run.
type Courier struct {
	Config
	busy  map[string]bool // channels through which a message is being sent
	ended chan string     // such a channel is free again

	remindAt  time.Time // when the open alerts are looked at for reminders
	overdueAt time.Time // when the courier next looks for launches that are late or run long
	breachAt  time.Time // … for objectives that are not met
}

// New returns a courier for one term.
func New(cfg Config) *Courier {
	return &Courier{Config: cfg, busy: make(map[string]bool), ended: make(chan string, dkron.MaxChannels)}
}

// Run composes and sends until ctx ends.
func (c *Courier) Run(ctx context.Context) error {
	watch := c.State.Watch()
	defer watch.Close()
	wake := time.NewTimer(look)
	defer wake.Stop()
	for {
		act := true
		select {
		case <-ctx.Done():
			for len(c.busy) > 0 {
				delete(c.busy, <-c.ended)
			}
			return nil
		case <-watch.C:
			changes := watch.Take()
			act = changes.All || changes.Alerts
		case channel := <-c.ended:
			delete(c.busy, channel)
		case <-wake.C:
		}
		if !act {
			continue
		}
		next, err := c.step(ctx)
		if err != nil && ctx.Err() == nil {
			c.Logger.Warn("could not do all that messages need; trying again", "error", err, "retry_in", again)
			next = again
		}
		wake.Reset(next)
		select {
		case <-ctx.Done():
		case <-time.After(pace):
		}
	}
}

// plan is what is to be done now.
type plan struct {
	compose []composing
	send    []*dkron.Message
	remind  []uint64
	overdue []uint64
	broken  []dkron.Breach
	quiet   []string      // rules that notify nobody now
	next    time.Duration // when there may be more
}

type composing struct {
	channel string
	after   uint64
}

// step does what is due, and returns when there may be more.
func (c *Courier) step(ctx context.Context) (time.Duration, error) {
	now := clock.Now()
	p, err := c.plan(now)
	if err != nil {
		return again, err
	}
	for _, m := range p.send {
		c.busy[m.Channel] = true
		go c.carry(ctx, m)
	}
	var errs []error
	if len(p.remind) > 0 {
		errs = append(errs, c.Recorder.Remind(ctx, p.remind, now))
	}
	if len(p.overdue) > 0 {
		errs = append(errs, c.Recorder.Overdue(ctx, p.overdue, now))
	}
	if len(p.broken) > 0 {
		errs = append(errs, c.Recorder.Breached(ctx, p.broken, now))
	}
	for _, one := range p.compose {
		errs = append(errs, c.Recorder.Compose(ctx, one.channel, one.after, p.quiet, now))
	}
	return p.next, errors.Join(errs...)
}

// maxReminded is of how many alerts one entry reminds.
const maxReminded = 1000

// plan reads what is due. A channel has one message on its way at a time, besides tests: what happens while a receiver is
// broken becomes one message afterwards.
func (c *Courier) plan(now time.Time) (p plan, err error) {
	p.next = look
	soon := func(at time.Time) { p.next = min(p.next, max(at.Sub(now), time.Millisecond)) }
	err = c.State.View(func(tx *state.Tx) error {
		rules, err := tx.Rules()
		if err != nil {
			return err
		}
		byName := make(map[string]*dkron.Rule, len(rules))
		for _, r := range rules {
			if byName[r.Name] = r; r.Quiet.Holds(now) {
				p.quiet = append(p.quiet, r.Name)
			}
		}
		onTheWay := make(map[string]bool)
		unsent, err := tx.Unsent()
		if err != nil {
			return err
		}
		p.send = c.due(unsent, onTheWay, now, soon)
		if err := c.reminders(tx, &p, byName, now); err != nil {
			return err
		}
		if err := c.overdue(tx, &p, rules, now); err != nil {
			return err
		}
		if err := c.breaches(tx, &p, rules, now); err != nil {
			return err
		}
		soon(c.remindAt)
		soon(c.overdueAt)
		soon(c.breachAt)
		channels, err := tx.StoredChannels()
		for i := 0; err == nil && i < len(channels); i++ {
			if onTheWay[channels[i].Name] {
				continue
			}
			err = p.composeFor(tx, channels[i].Name, now, soon)
		}
		return err
	})
	return p, err
}

// reminders plans what people are reminded of. There may be many alerts, so they are read only when a reminder is due, and
// from time to time: no pause between reminders is shorter.
func (c *Courier) reminders(tx *state.Tx, p *plan, rules map[string]*dkron.Rule, now time.Time) error {
	if now.Before(c.remindAt) {
		return nil
	}
	c.remindAt = now.Add(look)
	if !slices.ContainsFunc(slices.Collect(maps.Values(rules)), func(r *dkron.Rule) bool { return r.Remind > 0 && !r.Disabled }) {
		return nil
	}
	alerts, err := tx.Alerts()
	for _, a := range alerts {
		r := rules[a.Rule]
		if r == nil || !a.Reminds(r) {
			continue
		}
		if e := c.State.Index().Job(a.JobNumber); e != nil && e.Off() {
			continue // the job is disabled
		}
		if at := a.Reminded.Add(r.Remind); !at.After(now) && len(p.remind) < maxReminded {
			p.remind = append(p.remind, a.Number)
		} else if at.Before(c.remindAt) {
			c.remindAt = at
		}
	}
	return err
}

// due returns the messages whose turn it is, at most one of a channel: tests first, then the oldest.
func (c *Courier) due(unsent []*dkron.Message, onTheWay map[string]bool, now time.Time, soon func(time.Time)) (send []*dkron.Message) {
	turn := make(map[string]*dkron.Message)
	for _, m := range unsent {
		if !m.Test {
			onTheWay[m.Channel] = true
		}
		if first := turn[m.Channel]; first == nil || m.Test && !first.Test {
			turn[m.Channel] = m
		}
	}
	for channel, m := range turn {
		switch {
		case c.busy[channel]:
		case m.Next.After(now):
			soon(m.Next)
		default:
			send = append(send, m)
		}
	}
	return send
}

// composeFor plans a message if something waits for a channel.
func (p *plan) composeFor(tx *state.Tx, channel string, now time.Time, soon func(time.Time)) error {
	waiting, err := tx.WaitingOccurrences(channel, p.quiet, 1)
	if err != nil || len(waiting) == 0 {
		return err
	}
	stat, err := tx.ChannelStat(channel)
	if err != nil {
		return err
	}
	if at := stat.ComposesAt(now); at.After(now) {
		soon(at)
		return nil
	}
	p.compose = append(p.compose, composing{channel, stat.Message})
	return nil
}

// carry makes an attempt to send a message and records what came of it, until that is recorded or the term ends. If it
// ends before, the next leader sends the message again, with the same id.
func (c *Courier) carry(ctx context.Context, m *dkron.Message) {
	kind, a := c.attempt(ctx, m)
	for ctx.Err() == nil {
		err := c.Recorder.Sent(ctx, a)
		if err == nil {
			if c.Count != nil {
				c.Count(kind, a.State)
			}
			break
		}
		c.Logger.Warn("could not record what came of a message; trying again", "message", m.Number, "error", err, "retry_in", again)
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
	c.ended <- m.Channel
}

// attempt makes an attempt.
func (c *Courier) attempt(ctx context.Context, m *dkron.Message) (kind string, a dkron.Attempt) {
	a = dkron.Attempt{Number: m.Number, State: dkron.MessageSent}
	channel, brief, err := c.read(m)
	if channel != nil {
		kind = channel.Type
	}
	gone := errors.Is(err, dkron.ErrNotFound) // the channel; a secret that is not there may come back
	if err == nil {
		err = c.send(ctx, channel, brief)
	}
	if err == nil {
		return kind, a
	}
	about := []any{"channel", m.Channel, "message", m.Number, "error", err}
	if partly(err) {
		c.Logger.Warn("a message went to some of its recipients only", about...)
		a.Error = err.Error()
		return kind, a
	}
	a.State, a.Error = dkron.MessageWaiting, err.Error()
	pause := min(longestPause, firstPause<<min(m.Attempts, 10))
	now := clock.Now()
	a.Next = now.Add(pause)
	if m.Test || now.Sub(m.Since) >= giveUpAfter || permanent(err) && m.Attempts+1 >= maxRefusals || gone {
		a.State, a.Next = dkron.MessageFailed, time.Time{}
		c.Logger.Error("a message was not sent: this was the last attempt; it is kept and can be sent again", about...)
	} else {
		c.Logger.Warn("a message could not be sent; it will be retried", append(about, "retry_in", pause)...)
	}
	return kind, a
}

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

func partly(err error) bool {
	var p interface{ Partly() bool }
	return errors.As(err, &p) && p.Partly()
}

// send sends within the time that an attempt has. A template is a user's program: its panic is an error.
func (c *Courier) send(ctx context.Context, channel *dkron.Channel, b *dkron.Brief) (err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panicked: %v", v)
		}
	}()
	return c.Sender.Send(ctx, channel, b)
}
