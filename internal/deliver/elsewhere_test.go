package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/codec"
	"dkron/internal/state"
	"dkron/plugin"
)

// nodes is a network with the node n1 in it.
type nodes struct {
	n1 *Node

	mu     sync.Mutex // guards what follows
	away   bool
	hangs  bool
	asked  int
	active int
	most   int // calls that went on at once
}

func (n *nodes) set(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
}

func (n *nodes) Process(ctx context.Context, node string, c *Call) (*Answer, error) {
	n.mu.Lock()
	n.asked++
	n.active++
	n.most = max(n.most, n.active)
	away, hangs := n.away, n.hangs
	n.mu.Unlock()
	defer n.set(func() { n.active-- })
	if hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if away || node != "n1" {
		return nil, errors.New("no answer")
	}
	got := new(Call)
	if err := codec.Decode(codec.Encode(c), got); err != nil {
		return nil, err
	}
	return n.n1.Process(ctx, got)
}

func (n *nodes) Drop(_ context.Context, node string, d *Drop) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.away || node != "n1" {
		return errors.New("no answer")
	}
	return n.n1.Drop(d)
}

// onNode gives a job's processor a place to run.
func (w *world) onNode(number uint64, processor, on string) {
	w.update(func(tx *state.Tx) error {
		j, p, err := tx.Record(fmt.Sprint("job", number))
		if err != nil {
			return err
		}
		j.Processors[processor] = map[string]string{"on": on}
		j.UpdatedAt = clock.Now()
		return tx.PutJob(j, p)
	})
}

// keepsOutput keeps an output on n1 for what w.ended records.
func (w *world) keepsOutput(number uint64, output string) {
	w.nodes.n1.ran(&dkron.Execution{JobName: fmt.Sprint("job", number), Group: 5, Attempt: 1}, output)
}

func TestAProcessorOnTheNodeHasTheWholeOutputAndThenTheNodeDropsIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		there, here := new(calls), new(calls)
		w := newWorld(t, map[string]plugin.Processor{"a": fine(here, "a"), "c": fine(here, "c")})
		w.nodes = &nodes{n1: newNode(t, map[string]plugin.Processor{"b": reads(there), "d": reads(there)})}
		w.job(1, "a", "b", "c", "d")
		w.onNode(1, "b", "node")
		w.onNode(1, "d", "node")
		long := strings.Repeat("x", 300_000)
		w.keepsOutput(1, long)
		w.ended(1, "head and tail")
		w.refuses = 1
		defer w.term()()
		synctest.Wait()
		if w.nodes.n1.Outputs.Bytes() == 0 {
			t.Error("it was dropped before it was recorded that it is delivered")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if here.String() != "job1:a:head and tail job1:c:head and tail" || there.String() != long+" "+long {
			t.Errorf("%s; %d bytes there", here, len(there.String()))
		}
		for _, r := range w.results() {
			if r.Target == "b" && string(r.Output) != "at n1" || r.State != dkron.DeliveryDone {
				t.Errorf("%+v", r)
			}
		}
		if n := w.nodes.n1.Outputs.Bytes(); n != 0 {
			t.Errorf("%d bytes are still kept", n)
		}
	})
}

func TestAnOutputIsKeptAsLongAsAProcessorOnTheNodeNeedsIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mended atomic.Bool
		w := newWorld(t, map[string]plugin.Processor{"b": fine(nil, "b"), "d": fine(nil, "d")}) // which are not called
		w.nodes = &nodes{n1: newNode(t, map[string]plugin.Processor{"b": reads(new(calls)), "d": processor(func(ctx context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			if !mended.Load() {
				return nil, errors.New("disk full")
			}
			return reads(new(calls))(ctx, r)
		})})}
		w.job(1, "b", "d")
		w.onNode(1, "b", "node")
		w.onNode(1, "d", "node")
		w.keepsOutput(1, "xyz")
		w.ended(1, "xyz")
		defer w.term()()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if w.count("b delivered") != 1 || w.nodes.n1.Outputs.Bytes() != 3 {
			t.Errorf("%v, %d bytes", w.counted, w.nodes.n1.Outputs.Bytes())
		}
		if r := w.results(); len(r) < 2 || r[1].Error != "node n1: disk full" {
			t.Errorf("%+v", r)
		}
		mended.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		if w.count("d delivered") != 1 || w.nodes.n1.Outputs.Bytes() != 0 {
			t.Errorf("%v, %d bytes", w.counted, w.nodes.n1.Outputs.Bytes())
		}
	})
}

func TestANodeThatIsAwayIsCalledAgainUntilADayIsOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		there := new(calls)
		w := newWorld(t, map[string]plugin.Processor{"b": fine(nil, "b")}) // which is not called
		w.nodes = &nodes{n1: newNode(t, map[string]plugin.Processor{"b": reads(there)}), away: true}
		w.job(1, "b")
		w.onNode(1, "b", "node")
		w.keepsOutput(1, "x")
		w.ended(1, "x")
		w.job(2, "b")
		w.onNode(2, "b", "node")
		w.keepsOutput(2, "y")
		w.ended(2, "y")
		stop := w.term()
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		if w.count("b failed") != 2 {
			t.Errorf("%v", w.counted)
		}
		w.nodes.n1.Outputs.DropAll()
		w.keepsOutput(1, "z")
		w.ended(1, "z")
		time.Sleep(time.Hour)
		stop() // the next leader goes on
		w.nodes.set(func() { w.nodes.away = false })
		defer w.term()()
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if there.String() != "z" {
			t.Errorf("%s", there)
		}
		if r := w.results()[0]; r.Error != "node n1, which has the output: no answer" {
			t.Errorf("%+v", r)
		}
	})
}

func TestASlowNodeTakesNoPlaceOfProcessorsOnTheLeader(t *testing.T) {
	bubble(t, func(t *testing.T) {
		here := new(calls)
		w := newWorld(t, map[string]plugin.Processor{"a": fine(here, "a")})
		w.nodes = &nodes{n1: newNode(t, nil), hangs: true}
		for job := range uint64(perNode + 8) {
			w.job(job+1, "a")
			w.onNode(job+1, "a", "node")
			w.ended(job+1, "x")
		}
		w.job(100, "a")
		w.ended(100, "y")
		stop := w.term()
		synctest.Wait()
		if here.String() != "job100:a:y" {
			t.Errorf("%s", here)
		}
		w.nodes.set(func() {
			if w.nodes.most != perNode {
				t.Errorf("%d calls at once", w.nodes.most)
			}
		})
		time.Sleep(36 * time.Second)
		synctest.Wait()
		if r := w.results(); len(r) < perNode || r[1].State != dkron.Undelivered || !strings.Contains(r[1].Error, "deadline exceeded") {
			t.Errorf("%d results: %+v", len(r), r[1])
		}
		stop()
	})
}

func TestAJobThatIsChangedMovesItsProcessor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		here := new(calls)
		w := newWorld(t, map[string]plugin.Processor{"a": fine(here, "a")})
		w.nodes = &nodes{n1: newNode(t, nil), away: true}
		w.job(1, "a")
		w.onNode(1, "a", "node")
		w.ended(1, "x")
		defer w.term()()
		time.Sleep(3 * firstPause / 2) // between two attempts
		w.onNode(1, "a", "leader")
		synctest.Wait()
		if here.String() != "job1:a:x" {
			t.Errorf("%s", here)
		}
	})
}
