package agent

import (
	"context"
	"errors"
	"sync"
	"time"

	"dkron"
	"dkron/internal/clock"
)

// Stream is the node's end of the stream that a leader opened.
type Stream interface {
	Send(*dkron.FromNode) error
	Recv() (*dkron.ToNode, error)
}

const (
	// beat is how often a node reports that it is alive, and streams output.
	beat = 250 * time.Millisecond
	// idleBeat is beat for a node on which nothing runs. After four missed ones a leader considers the node gone.
	idleBeat = 2 * beat
	// maxAge is how late an order may arrive.
	maxAge = 10 * time.Second
	// maxResults, maxResultBytes and maxChunkBytes bound one message.
	maxResults     = 1024
	maxResultBytes = 4 << 20
	maxChunkBytes  = 4 << 20
	// maxUnaccepted bounds the results on their way: those that the leader has but has not accepted yet. The others wait
	// here, so that a leader that is slow does not have to hold what all nodes have for it.
	maxUnaccepted = 16 << 20
	resultSize    = 256 // of a result without its output, about
)

// link is the stream to one leader, and what waits to be sent on it.
type link struct {
	term    uint64
	cluster string // of the leader

	mu      sync.Mutex                      // guards the fields below
	waiting []*task                         // whose results are to be sent
	queued  map[dkron.ExecutionRef]struct{} // those in waiting
	sent    map[dkron.ExecutionRef]int      // bytes of those that are sent and not accepted yet
	onWay   int                             // sum of sent
	wake    chan struct{}                   // capacity 1
	gone    chan struct{}
	once    sync.Once
}

func newLink(term uint64, cluster string) *link {
	return &link{
		term: term, cluster: cluster, queued: make(map[dkron.ExecutionRef]struct{}), sent: make(map[dkron.ExecutionRef]int),
		wake: make(chan struct{}, 1), gone: make(chan struct{}),
	}
}

// result queues the result of a task. It may be called on a nil link: then the result waits in the agent.
func (l *link) result(t *task) {
	if l == nil {
		return
	}
	l.mu.Lock()
	if _, queued := l.queued[t.order.Ref()]; !queued {
		l.queued[t.order.Ref()] = struct{}{}
		l.waiting = append(l.waiting, t)
	}
	l.mu.Unlock()
	l.notify()
}

// accepted is called when the leader has accepted results.
func (l *link) accepted(refs []dkron.ExecutionRef) {
	l.mu.Lock()
	for _, ref := range refs {
		l.onWay -= l.sent[ref]
		delete(l.sent, ref)
	}
	waits := len(l.waiting) > 0
	l.mu.Unlock()
	if waits {
		l.notify()
	}
}

func (l *link) notify() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// next returns a task whose result is to be sent now, nil if there is none.
func (l *link) next() *task {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 || l.onWay >= maxUnaccepted {
		return nil
	}
	t := l.waiting[0]
	l.waiting[0] = nil
	l.waiting = l.waiting[1:]
	delete(l.queued, t.order.Ref())
	return t
}

// sends records that a result of that size is on its way.
func (l *link) sends(ref dkron.ExecutionRef, size int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onWay += size - l.sent[ref] // a leader may order an execution again
	l.sent[ref] = size
}

func (l *link) close() { l.once.Do(func() { close(l.gone) }) }

// Attach serves a leader until the stream ends or a leader of a newer term attaches.
func (a *Agent) Attach(ctx context.Context, s Stream) error {
	first, err := s.Recv()
	if err != nil {
		return err
	}
	l := newLink(first.Term, first.Cluster)
	if err := a.bind(l); errors.Is(err, dkron.ErrForeign) {
		return err
	} else if err != nil {
		a.mu.Lock()
		term := a.term
		a.mu.Unlock()
		return errors.Join(err, s.Send(&dkron.FromNode{Term: term, Cluster: a.own()}))
	}
	defer a.unbind(l)
	a.cfg.Logger.Info("attached to the leader", "leader", first.Leader, "term", first.Term)
	received := make(chan error, 1)
	go func() { received <- a.receive(l, s, first) }()
	sent := make(chan error, 1)
	sctx, cancel := context.WithCancel(ctx)
	go func() { sent <- a.send(sctx, l, s) }()
	select {
	case err = <-received:
	case err = <-sent:
	case <-l.gone:
		err = errTerm
	case <-ctx.Done():
		err = ctx.Err()
	}
	cancel()
	return err
}

// receive handles messages, the first one included.
func (a *Agent) receive(l *link, s Stream, m *dkron.ToNode) error {
	skew, age := skewMeter{log: a.cfg.Logger}, newAgeMeter()
	for {
		a.skew.Store(int64(skew.add(time.Now(), clock.Now().Sub(m.SentAt))))
		late := age.add(m)
		select {
		case <-l.gone:
			return errTerm
		default:
		}
		if m.Term != l.term {
			return errors.New("the leader changed its term during a stream")
		}
		if m.Cluster != l.cluster { // a cluster gets its id while its first leader leads
			if err := a.join(m.Cluster); err != nil {
				return err
			}
			l.cluster = m.Cluster
		}
		if late > maxAge && len(m.Orders) > 0 {
			a.cfg.Logger.Warn("orders refused because they are late; the leader was paused, or the network delayed them", "orders", len(m.Orders), "late", late)
			return errors.New("orders arrived too late")
		}
		if err := a.accept(m.Term, m.Orders); err != nil {
			a.cfg.Logger.Error("orders refused: the journal can't be written, and nothing starts without it; free disk space", "orders", len(m.Orders), "error", err)
			return err
		}
		if len(m.Stops) > 0 {
			if err := a.stop(m.Term, m.Stops); err != nil {
				a.cfg.Logger.Error("executions could not be stopped: the journal can't be written; free disk space", "executions", len(m.Stops), "error", err)
				return err
			}
		}
		if len(m.Accepted) > 0 {
			a.forget(m.Accepted)
			l.accepted(m.Accepted)
		}
		var err error
		if m, err = s.Recv(); err != nil {
			return err
		}
	}
}

// send sends results as they come and, with every beat, output and a sign of life.
func (a *Agent) send(ctx context.Context, l *link, s Stream) error {
	tick := time.NewTimer(beat)
	defer tick.Stop()
	var reported time.Time // when the load was
	m := &dkron.FromNode{Term: l.term, Draining: a.draining(), Cluster: a.own()}
	for {
		if err := s.Send(m); err != nil {
			return err
		}
		m = &dkron.FromNode{Term: l.term, Draining: a.draining(), Cluster: a.own()}
		if m.Results = a.results(l); len(m.Results) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.wake:
			m.Results, m.Draining = a.results(l), a.draining()
		case <-tick.C:
			m.Chunks = a.chunks(l)
			a.noteFull()
			if time.Since(reported) >= loadPeriod {
				m.Load, reported = a.load(), time.Now()
			}
			tick.Reset(a.nextBeat())
		}
	}
}

// results returns those of one message.
func (a *Agent) results(l *link) (out []dkron.Result) {
	for size := 0; len(out) < maxResults && size < maxResultBytes; {
		t := l.next()
		if t == nil {
			break
		}
		if r := a.resultOf(t); r != nil {
			n := resultSize + len(r.Output)
			l.sends(r.Ref(), n)
			size += n
			out = append(out, *r)
		}
	}
	return out
}

// nextBeat is when a node must send its next message.
func (a *Agent) nextBeat() time.Duration {
	if a.Running() > 0 {
		return beat
	}
	return idleBeat
}

func (a *Agent) draining() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.drain
}

// chunks returns what the running executions have written since the last call. A link that has been replaced gets none, although it
// still ends: what it took would be missing at the leader that has replaced it.
func (a *Agent) chunks(l *link) []dkron.Chunk {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.link != l {
		return nil
	}
	var out []dkron.Chunk
	size := 0
	for _, t := range a.tasks {
		if t.result != nil {
			continue
		}
		if size > maxChunkBytes { // the rest waits for the next beat
			break
		}
		if offset, data := t.output.take(); len(data) > 0 {
			size += len(data)
			out = append(out, dkron.Chunk{Key: t.order.Key, Attempt: t.order.Attempt, Offset: offset, Data: data})
		}
	}
	return out
}
