package deliver

import (
	"context"
	"log/slog"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/state"
	"dkron/plugin"
)

const (
	// timeout is how long a call of a processor may take.
	timeout = 30 * time.Second
	// grace is how long a call may take to end after its context has.
	grace = time.Second
	// perTarget is how many calls of one processor or channel may go on at once. Those of others do not wait for them.
	perTarget = 16
	// firstPause and longestPause are the pauses before a target is tried again; each is twice the one before.
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	// giveUpAfter is the age of a delivery at which the next failure is the last.
	giveUpAfter = 24 * time.Hour
	// maxUnrecorded is how many results may wait to be recorded before no more calls begin.
	maxUnrecorded = 1000
	// recordAgain is when results are proposed again that could not be.
	recordAgain = time.Second
)

// Recorder proposes what attempts to deliver came to.
type Recorder interface {
	Deliver(ctx context.Context, results []dkron.Delivered) error
}

// Config is what a Runner needs.
type Config struct {
	Node     string // the name of this node
	Term     uint64 // of the leader
	Nodes    Nodes
	State    *state.Store
	Recorder Recorder
	Find     func(name string) plugin.Processor             // nil for an unknown name
	Count    func(target string, state dkron.DeliveryState) // is called for the result of each attempt
	Logger   *slog.Logger

	Notifier Notifier                                        // nil: there are no channels
	Notified func(channel string, state dkron.DeliveryState) // is Count for channels

	Timeout time.Duration // of a call; 0 is 30 s
}

// Runner is one term's runner of deliveries. All of its fields belong to Run.
type Runner struct {
	Config
	ctx    context.Context //nolint:containedctx // of the term: Run sets it
	jobs   map[line]*queue
	read   uint64              // the last delivery that was put into a queue
	slots  map[target]int      // calls that go on
	parked map[target][]*queue // queues that wait for a slot
	held   []*queue            // queues that wait for results to be recorded

	results   []dkron.Delivered // to be recorded
	recording int               // how many of them are being proposed
	kept      map[uint64]place  // whole outputs that a node may drop once that is recorded, by delivery
	places    places

	came     chan outcome
	moved    chan *call
	freed    chan *call
	recorded chan error
	retry    <-chan time.Time
	wake     *time.Timer
	wakeAt   time.Time
}

// New returns a runner for one term.
func New(cfg Config) *Runner {
	if cfg.Timeout == 0 {
		cfg.Timeout = timeout
	}
	return &Runner{
		Config: cfg, jobs: make(map[line]*queue), slots: make(map[target]int), parked: make(map[target][]*queue),
		kept: make(map[uint64]place), came: make(chan outcome), moved: make(chan *call), freed: make(chan *call), recorded: make(chan error),
	}
}

// Run delivers until ctx ends. It does not wait then for processors that hang.
func (r *Runner) Run(ctx context.Context) error {
	r.ctx = ctx
	watch := r.State.Watch()
	defer watch.Close()
	r.wake = time.NewTimer(time.Hour)
	defer r.wake.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watch.C:
			if err := r.see(watch.Take()); err != nil {
				return err
			}
		case o := <-r.came:
			r.end(o)
		case c := <-r.moved:
			c.moved = true
			r.vacate(c.queue.target(c.lane))
		case c := <-r.freed:
			r.free(c)
			r.start(c.queue)
		case err := <-r.recorded:
			r.settle(err)
		case <-r.retry:
			r.retry = nil
		case <-r.wake.C:
			r.wakeAt = time.Time{}
			for _, q := range r.jobs {
				r.start(q)
			}
		}
		r.record()
	}
}

// see takes in what has changed: there is more to deliver, or a job was written, perhaps to mend what fails.
func (r *Runner) see(changes state.Changes) error {
	for _, job := range changes.Jobs {
		for _, mended := range []line{{job: job}, {job, dkron.ChannelMail}} { // the others do not depend on the job
			q := r.jobs[mended]
			if q == nil {
				continue
			}
			if e := r.State.Index().Job(job); e != nil && e.Updated != q.updated {
				q.updated = e.Updated
				q.unblock()
				r.start(q)
			}
		}
	}
	if !changes.All && !changes.Deliveries {
		return nil
	}
	var touched []*queue
	err := r.State.View(func(tx *state.Tx) error {
		return tx.EachDelivery(r.read+1, func(d *dkron.Delivery) bool {
			r.read = d.Number
			touched = append(touched, r.add(d)...)
			return true
		})
	})
	for _, q := range touched {
		r.start(q)
	}
	return err
}

// add puts a delivery into the queues of its job.
func (r *Runner) add(d *dkron.Delivery) (touched []*queue) {
	for place := range d.Targets {
		t := &d.Targets[place]
		if t.State != dkron.Undelivered {
			continue
		}
		at := line{job: d.JobNumber}
		if d.Kind.Notifies() {
			at.channel = t.Name
		}
		q := r.jobs[at]
		if q == nil {
			q = &queue{line: at, lanes: make(map[string]*lane)}
			if e := r.State.Index().Job(d.JobNumber); e != nil {
				q.updated = e.Updated
			}
			r.jobs[at] = q
		}
		q.add(t, d, place)
		touched = append(touched, q)
	}
	return touched
}

// start begins the next call for a job, if it is its turn.
func (r *Runner) start(q *queue) {
	if q.running || r.jobs[q.line] != q {
		return
	}
	if len(r.results) >= maxUnrecorded {
		if !q.held {
			q.held = true
			r.held = append(r.held, q)
		}
		return
	}
	now := time.Now()
	free := func(l *lane) bool {
		to := q.target(l)
		if r.slots[to] < perTarget {
			return true
		}
		if !l.parked {
			l.parked = true
			r.parked[to] = append(r.parked[to], q)
		}
		return false
	}
	l, later := q.next(now, free)
	if l == nil {
		r.wakeBy(later)
		if q.idle() {
			delete(r.jobs, q.line)
		}
		return
	}
	q.running, l.busy = true, true
	r.slots[q.target(l)]++
	c := &call{Runner: r, queue: q, lane: l, number: l.waiting[0].number, letter: l.waiting[0].letter, failures: l.failures}
	go c.run(r.ctx)
}

// wakeBy makes Run look at all jobs at the given time at the latest; never if it is zero.
func (r *Runner) wakeBy(at time.Time) {
	if !at.IsZero() && (r.wakeAt.IsZero() || at.Before(r.wakeAt)) {
		r.wakeAt = at
		r.wake.Reset(max(time.Until(at), 100*time.Millisecond)) // many jobs are looked at together
	}
}

// end takes in what a call came to.
func (r *Runner) end(o outcome) {
	q, l := o.call.queue, o.call.lane
	q.running = false
	d := &o.delivered
	switch {
	case o.void:
		l.waiting = l.waiting[1:]
	case o.wait > 0:
		l.blocked = time.Now().Add(o.wait)
	case d.State == dkron.Undelivered:
		l.failures++
		l.blocked = time.Now().Add(pause(l.failures))
		d.Next = clock.Now().Add(pause(l.failures))
	default:
		if l.waiting = l.waiting[1:]; d.State == dkron.DeliveryDone {
			l.failures = 0
		}
	}
	if !o.hangs {
		r.free(o.call)
	}
	if !o.void && o.wait == 0 {
		if o.at != nil && d.State != dkron.Undelivered {
			r.kept[d.Number] = *o.at
		}
		r.results = append(r.results, *d)
		r.count(q, d)
		r.report(o)
	}
	r.start(q)
}

// count counts a result. Names that are no processor's have one count: any job can make them up.
func (r *Runner) count(q *queue, d *dkron.Delivered) {
	if q.channel != "" {
		r.Notified(d.Target, d.State)
		return
	}
	name := d.Target
	if r.Find(name) == nil {
		name = "unknown"
	}
	r.Count(name, d.State)
}

// report logs a failure.
func (r *Runner) report(o outcome) {
	if o.call.queue.channel != "" {
		r.reportNotice(o)
		return
	}
	d := &o.delivered
	about := []any{"job", o.job, "processor", d.Target, "execution", o.execution, "error", d.Error}
	switch d.State {
	case dkron.Undelivered:
		r.Logger.Warn("a processor failed; the output is kept, and it is tried again", append(about, "retry_in", pause(o.call.lane.failures))...)
	case dkron.DeliveryFailed:
		r.Logger.Error("a processor failed for the last time with this result; its output stays in the history", about...)
	case dkron.DeliveryDone, dkron.DeliveryDropped:
	}
}

// free ends a call's claim to its lane and to its slot.
func (r *Runner) free(c *call) {
	c.lane.busy = false
	if !c.moved {
		r.vacate(c.queue.target(c.lane))
	}
}

// vacate gives back a slot of a processor or channel, to the job that waits the longest for one.
func (r *Runner) vacate(to target) {
	if r.slots[to]--; r.slots[to] == 0 {
		delete(r.slots, to)
	}
	for len(r.parked[to]) > 0 && r.slots[to] < perTarget {
		q := r.parked[to][0]
		r.parked[to] = r.parked[to][1:]
		q.lanes[to.name].parked = false
		r.start(q)
	}
	if len(r.parked[to]) == 0 {
		delete(r.parked, to)
	}
}

// record proposes the results that there are, unless a proposal goes on or has just failed.
func (r *Runner) record() {
	if r.recording > 0 || r.retry != nil || len(r.results) == 0 {
		return
	}
	r.recording = len(r.results)
	batch := r.results[:r.recording:r.recording]
	go func() {
		err := r.Recorder.Deliver(r.ctx, batch)
		select {
		case r.recorded <- err:
		case <-r.ctx.Done():
		}
	}()
}

// settle takes in how a proposal ended. One that failed is repeated: a result that is in the log already changes nothing.
func (r *Runner) settle(err error) {
	n := r.recording
	r.recording = 0
	if err != nil {
		r.retry = time.After(recordAgain)
		if r.ctx.Err() == nil {
			r.Logger.Warn("could not record what was delivered; trying again", "results", n, "error", err, "retry_in", recordAgain)
		}
		return
	}
	for i := range r.results[:n] {
		r.drop(r.results[i].Number)
	}
	r.results = append([]dkron.Delivered(nil), r.results[n:]...)
	held := r.held
	r.held = nil
	for _, q := range held {
		q.held = false
		r.start(q)
	}
}

// pause returns the pause after so many failures in a row.
func pause(failures uint64) time.Duration {
	if failures > 10 {
		return longestPause
	}
	return min(longestPause, firstPause<<(max(failures, 1)-1))
}
