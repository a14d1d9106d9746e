package agent

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"

	"dkron"
	"dkron/internal/codec"
)

// maxKept is how many bytes of output of results that are not accepted yet are kept in memory. The output of further
// ones is in the journal only, and is read when it is sent. So a leader that is slow, or away, costs a node disk and not
// memory.
const maxKept = 16 << 20

// keepResult makes r the result of a task. The journal has it if journalled is set. The caller holds mu, or has the only
// reference.
func (a *Agent) keepResult(t *task, r *dkron.Result, journalled bool) {
	a.dropResult(t)
	if size := len(r.Output); journalled && size > 0 && a.kept+size > maxKept {
		bare := *r
		bare.Output = nil
		r = &bare
	}
	t.result = r
	a.kept += len(r.Output)
}

// dropResult is called before a task loses its result. The caller holds mu, or has the only reference.
func (a *Agent) dropResult(t *task) {
	if t.result != nil {
		a.kept -= len(t.result.Output)
	}
}

// resultOf returns the result of a task that has ended, with its output; nil if it has been accepted meanwhile.
func (a *Agent) resultOf(t *task) *dkron.Result {
	a.mu.Lock()
	r, waits := t.result, a.tasks[t.order.Ref()] == t
	a.mu.Unlock()
	if !waits {
		return nil
	}
	if rec := (&record{Result: r}); rec.bare() {
		return a.journal.whole(r)
	}
	return r
}

// places says where the journal's file has the results that are not accepted yet.
type places struct {
	mu sync.RWMutex // guards at; held, too, while a result is read and the file replaced
	at map[dkron.ExecutionRef]place
}

type place struct {
	at   int64
	size int
}

// note records the place of a record with a result, and forgets those of results that are accepted.
func (p *places) note(rec *record, at int64, size int) {
	if rec.Result == nil && len(rec.Forget) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if rec.Result != nil && !rec.bare() {
		if p.at == nil {
			p.at = make(map[dkron.ExecutionRef]place)
		}
		p.at[rec.Result.Ref()] = place{at, size}
	}
	for _, ref := range rec.Forget {
		delete(p.at, ref)
	}
}

// whole returns a result whose output only the journal has. If the file can't be read, the output is lost, and the
// result is not.
func (j *journal) whole(bare *dkron.Result) *dkron.Result {
	r, err := j.read(bare.Ref())
	if err != nil {
		j.log.Error("the output of an execution could not be read from the journal of this agent and is lost. Check the disk",
			"job", bare.JobName, "group", bare.Group, "error", err)
		return bare
	}
	return r
}

func (j *journal) read(ref dkron.ExecutionRef) (*dkron.Result, error) {
	j.results.mu.RLock()
	defer j.results.mu.RUnlock()
	p, ok := j.results.at[ref]
	if !ok {
		return nil, fmt.Errorf("%s has no result for it", j.path)
	}
	buf := make([]byte, p.size)
	if _, err := j.file.ReadAt(buf, p.at); err != nil {
		return nil, err
	}
	var rec record
	body := buf[8:]
	if crc32.Checksum(body, crcTable) != binary.BigEndian.Uint32(buf[4:]) || codec.Decode(body, &rec) != nil || rec.Result == nil {
		return nil, fmt.Errorf("%s is damaged at byte %d", j.path, p.at)
	}
	return rec.Result, nil
}
