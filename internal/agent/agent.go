package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"dkron"
	"dkron/internal/spool"
	"dkron/plugin"
)

// Config is what an agent needs.
type Config struct {
	NodeName  string
	DataDir   string
	Executors map[string]plugin.Executor
	// More finds an executor that is not among Executors, nil if there is none. It may be nil.
	More func(name string) plugin.Executor
	// AllowExecutors are the names of the executors that run here; empty: every one.
	AllowExecutors []string
	// MaxRunning is how many executions run at once; accepted ones beyond that wait their turn. 0 is no limit.
	MaxRunning int
	Logger     *slog.Logger
	OnResult   func(*dkron.Result) // is called with each execution that ended here; may be nil, must be quick
	// OnJournal is called with how long each write of the journal took that waited for the disk; may be nil, must be quick.
	OnJournal  func(time.Duration)
	OnShortage func() // is called each time that an execution could not start; may be nil, must be quick
	// Trace returns TRACEPARENT for an execution, empty if there is none; may be nil.
	Trace   func(o *dkron.Order, executionID string) string
	Cluster Cluster // nil: leaders of any cluster are served
	// Load returns how busy the machine is, false if that is not known yet. It may be nil, and must be quick.
	Load func() (dkron.NodeLoad, bool)
	// Outputs keeps the whole outputs of executions whose order asks for that. Nil: none are kept.
	Outputs *spool.Spool
	// Secrets asks for the secrets of executions. Nil: those that refer to some fail.
	Secrets Secrets
}

// Cluster is the cluster that the node belongs to.
type Cluster interface {
	// Cluster returns its id; empty if the node has none yet.
	Cluster() string
	// Adopt makes id the node's cluster for good if it has none; otherwise the error says that the node belongs
	// elsewhere.
	Adopt(id string) error
	// Former returns the cluster that the node was told to leave, empty if there is none.
	Former() string
}

// remember is how long an execution whose result was accepted is still refused when it is ordered again. A leader that
// knows the result does not order it; one that does not is of an older term, or its order is older than maxAge.
const remember = 3 * maxAge

// Agent runs executions on this node.
type Agent struct {
	cfg     Config
	journal *journal
	ctx     context.Context // ends when running executions must
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
	slots   chan struct{} // one token per running execution; nil if there is no limit

	// accepting is held from checking whether an order is known until it is journalled and started. So another stream
	// never takes an order for known that could not be journalled, and nothing starts after Close.
	accepting sync.Mutex

	mu      sync.Mutex // guards the fields below
	cluster string     // the cluster of term and tasks; empty in journals from before clusters had ids
	term    uint64
	kept    int                             // bytes of output of results in memory
	tasks   map[dkron.ExecutionRef]*task    // until a quorum has the result
	ended   map[dkron.ExecutionRef]struct{} // kept for a while after that; endings has the order
	endings []ending
	link    *link // of the newest term; nil if there is none
	drain   bool

	skew atomic.Int64 // in nanoseconds; see Skew
	full atomic.Int64 // since when as many run as may, in nanoseconds of Unix time; 0: fewer do
}

// task is an execution that this node has accepted.
type task struct {
	order     dkron.Order
	ctx       context.Context // ends when the execution must
	cancel    context.CancelCauseFunc
	startedAt time.Time
	handle    []byte
	output    *output
	whole     *spool.Writer // of the output; nil if it need not be kept
	sealed    *sealed       // nil if its order refers to no secrets, and until they are there
	secretsAt time.Time     // when the newest secret that it was given was set; zero if it has none
	writing   sync.Mutex    // held while output and whole are written, so that both have one order
	result    *dkron.Result // nil while it runs; without its output if only the journal has that, see keepResult
}

// ending is when the result of an execution was accepted.
type ending struct {
	ref dkron.ExecutionRef
	at  time.Time
}

// Open reads the journal of an earlier process and continues its work: results that were not yet accepted, and
// executions that may still run.
func Open(cfg Config) (*Agent, error) {
	a := &Agent{cfg: cfg, tasks: make(map[dkron.ExecutionRef]*task), ended: make(map[dkron.ExecutionRef]struct{})}
	a.ctx, a.cancel = context.WithCancelCause(context.Background())
	if cfg.MaxRunning > 0 {
		a.slots = make(chan struct{}, cfg.MaxRunning)
	}
	j, err := openJournal(filepath.Join(cfg.DataDir, "agent", "journal"), cfg.Logger, a.replay)
	if err != nil {
		return nil, err
	}
	j.synced = cfg.OnJournal
	a.journal = j
	if cfg.Cluster != nil && a.cluster == "" {
		a.cluster = cfg.Cluster.Former()
	}
	for _, t := range a.tasks {
		if t.result == nil {
			a.adopt(t)
		}
	}
	return a, nil
}

// JournalBytes returns the size of the journal.
func (a *Agent) JournalBytes() int64 { return a.journal.bytes() }

func (a *Agent) task(o dkron.Order) *task {
	t := &task{order: o, output: new(output)}
	t.ctx, t.cancel = context.WithCancelCause(a.ctx)
	return t
}

func (a *Agent) replay(rec *record) {
	if rec.Cluster != "" && rec.Cluster != a.cluster {
		if a.cluster != "" {
			a.drop()
		}
		a.cluster = rec.Cluster
	}
	a.term = max(a.term, rec.Term)
	for _, o := range rec.Accepted {
		a.tasks[o.Ref()] = a.task(o)
	}
	if s := rec.Started; s != nil {
		if t := a.tasks[s.Ref]; t != nil {
			t.handle, t.startedAt = s.Handle, s.At
			t.secretsAt = s.Secrets
		}
	}
	if r := rec.Result; r != nil {
		if t := a.tasks[r.Ref()]; t != nil {
			a.keepResult(t, r, true)
		}
	}
	a.end(rec.Forget, rec.At)
}

// Running returns how many executions run on this node.
func (a *Agent) Running() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, t := range a.tasks {
		if t.result == nil {
			n++
		}
	}
	return n
}

// Retire tells the leader to launch nothing new on this node. Orders that still come are run.
func (a *Agent) Retire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drain = true
	if a.link != nil {
		a.link.notify()
	}
}

// acceptLimit is how long Drain waits for a leader to accept results once nothing runs any more: longer than an
// election, but not for servers that are all gone.
const acceptLimit = 5 * time.Second

// Drain waits until nothing runs and all results are accepted, or ctx ends. Results that no leader accepts within
// acceptLimit stay in the journal.
func (a *Agent) Drain(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var ended time.Time // when Drain first saw nothing running
	for !a.idle() {
		switch {
		case a.Running() > 0:
			ended = time.Time{}
		case ended.IsZero():
			ended = time.Now()
		case time.Since(ended) > acceptLimit:
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *Agent) idle() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.tasks) == 0
}

// Stop ends what still runs and returns when it has ended. Nothing starts any more, but results still go to the leader.
func (a *Agent) Stop() {
	a.accepting.Lock()
	a.cancel(errStops)
	a.accepting.Unlock()
	a.running.Wait()
}

// Close ends what still runs and closes the journal.
func (a *Agent) Close() error {
	a.Stop()
	return a.journal.close()
}

// accept journals new orders and starts them. For known orders it sends the result if there is one, and nothing while
// they run.
func (a *Agent) accept(term uint64, orders []dkron.Order) error {
	a.accepting.Lock()
	defer a.accepting.Unlock()
	if len(orders) > 0 && a.ctx.Err() != nil {
		return errStops
	}
	var fresh []dkron.Order
	var tasks []*task
	a.mu.Lock()
	if term < a.term { // it was the newest when the stream began
		defer a.mu.Unlock()
		return fmt.Errorf("%w: %d", errTerm, a.term)
	}
	for _, o := range orders {
		t := a.tasks[o.Ref()]
		_, ended := a.ended[o.Ref()]
		switch {
		case ended:
		case t != nil && t.result != nil:
			a.link.result(t)
		case t == nil:
			t = a.task(o)
			a.tasks[o.Ref()] = t
			fresh, tasks = append(fresh, o), append(tasks, t)
		}
	}
	a.mu.Unlock()
	if len(fresh) == 0 {
		return nil
	}
	err := a.repair()
	if err == nil {
		err = a.journal.append(&record{Term: term, Cluster: a.belongs(), Accepted: fresh}, true)
	}
	if err != nil {
		a.mu.Lock()
		for _, t := range tasks {
			delete(a.tasks, t.order.Ref())
			t.cancel(nil)
		}
		a.mu.Unlock()
		return err
	}
	for _, t := range tasks {
		a.running.Add(1)
		go a.run(t)
	}
	return nil
}

// repair rewrites the journal if its last write failed.
func (a *Agent) repair() error {
	if a.journal.broken() == nil {
		return nil
	}
	return a.journal.rewrite(a.live)
}

// forget drops results that a quorum has.
func (a *Agent) forget(refs []dkron.ExecutionRef) {
	now := time.Now()
	a.mu.Lock()
	a.end(refs, now)
	a.mu.Unlock()
	if err := a.journal.append(&record{Forget: refs, At: now}, false); err != nil {
		a.cfg.Logger.Warn("journal could not be written; results that are accepted may be sent again", "error", err)
	}
	if a.journal.full() {
		if err := a.journal.rewrite(a.live); err != nil {
			a.cfg.Logger.Warn("journal could not be compacted", "error", err)
		}
	}
}

// end remembers that the results of refs are accepted, and forgets those from long ago. The caller holds mu, or has the
// only reference.
func (a *Agent) end(refs []dkron.ExecutionRef, now time.Time) {
	for _, ref := range refs {
		if t := a.tasks[ref]; t != nil {
			a.dropResult(t)
			delete(a.tasks, ref)
			t.cancel(nil) // releases the context of one that never ran
		}
		a.ended[ref] = struct{}{}
		a.endings = append(a.endings, ending{ref, now})
	}
	n := 0
	for n < len(a.endings) && now.Sub(a.endings[n].at) > remember {
		delete(a.ended, a.endings[n].ref)
		n++
	}
	a.endings = a.endings[n:]
}

// live returns the records that a rewritten journal starts with.
func (a *Agent) live() []*record {
	a.mu.Lock()
	defer a.mu.Unlock()
	records := []*record{{Term: a.term, Cluster: a.cluster}}
	for _, t := range a.tasks {
		records = append(records, &record{Accepted: []dkron.Order{t.order}})
		if t.handle != nil {
			records = append(records, &record{Started: t.begun()})
		}
		if t.result != nil {
			records = append(records, &record{Result: t.result})
		}
	}
	for _, d := range a.endings {
		records = append(records, &record{Forget: []dkron.ExecutionRef{d.ref}, At: d.at})
	}
	return records
}

// Serves returns why a leader of the given term is not served, nil if it is.
func (a *Agent) Serves(term uint64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if term < a.term {
		return fmt.Errorf("%w: %d", errTerm, a.term)
	}
	return nil
}

// finish keeps the result until it is accepted, and sends it to the leader if there is one.
func (a *Agent) finish(t *task, r *dkron.Result) {
	t.whole.End()
	// The task gets its result before the journal does, so that a journal rewritten in between has it too.
	a.mu.Lock()
	link, ours := a.link, a.tasks[t.order.Ref()] == t
	if ours {
		a.keepResult(t, r, false)
	}
	a.mu.Unlock()
	if !ours { // see leave
		return
	}
	if err := a.journal.append(&record{Result: r}, false); err == nil {
		a.mu.Lock()
		if a.tasks[t.order.Ref()] == t {
			a.keepResult(t, r, true)
		}
		a.mu.Unlock()
	} else {
		a.cfg.Logger.Warn("journal could not be written; the result would be lost if this process crashed", "job", r.JobName, "error", err)
	}
	link.result(t)
	if a.cfg.OnResult != nil {
		a.cfg.OnResult(r)
	}
}

var (
	errTerm  = errors.New("a leader of a newer term is known")
	errStops = errors.New("the node is stopping")

	errNeverBegan = errors.New("stopped on request before it began")
	errDeleted    = errors.New("the job was deleted before this execution began")
)

// bind makes link the destination of results, unless a newer leader is known, and sends it those that wait.
func (a *Agent) bind(l *link) error {
	if err := a.join(l.cluster); err != nil {
		return err
	}
	a.mu.Lock()
	newer := l.term > a.term
	a.term = max(a.term, l.term)
	a.mu.Unlock()
	if newer { // without mu: rewriting the journal takes it
		err := a.repair()
		if err == nil {
			err = a.journal.append(&record{Term: l.term, Cluster: a.belongs()}, true)
		}
		if err != nil {
			return err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if l.term < a.term {
		return fmt.Errorf("%w: %d", errTerm, a.term)
	}
	if a.link != nil {
		a.link.close()
	}
	a.link = l
	for _, t := range a.tasks {
		if t.result != nil {
			l.result(t)
		} else {
			t.output.rewind()
		}
	}
	return nil
}

func (a *Agent) unbind(l *link) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.link == l {
		a.link = nil
	}
	l.close()
}
