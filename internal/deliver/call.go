package deliver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/state"
	"dkron/plugin"
)

// call is one call of a processor, or of a channel.
type call struct {
	*Runner
	queue  *queue
	lane   *lane
	number uint64
	letter uint64 // as in its entry

	failures uint64 // of the lane in a row, before this call
	moved    bool   // it goes on elsewhere, and has no slot here; of Run's goroutine
}

// outcome is what a call came to.
type outcome struct {
	call      *call
	delivered dkron.Delivered
	void      bool          // there was nothing to do any more
	hangs     bool          // the processor has not returned
	wait      time.Duration // it is too early
	job       string
	execution string
	at        *place // where the processor was called, if not here
}

// maxError is how many bytes of an error are kept.
const maxError = 500

// run makes the call and reports its end. If the processor hangs, it reports that it was freed when it returns.
func (c *call) run(ctx context.Context) {
	returned := make(chan struct{})
	serve := c.serve
	if c.queue.channel != "" {
		serve = c.notify
	}
	o := serve(ctx, returned)
	select {
	case c.came <- o:
	case <-ctx.Done():
		return
	}
	if !o.hangs {
		return
	}
	select {
	case <-returned:
	case <-ctx.Done():
		return
	}
	select {
	case c.freed <- c:
	case <-ctx.Done():
	}
}

// subject is what is delivered.
type subject struct {
	delivery  *dkron.Delivery
	execution *dkron.Execution
	config    map[string]string
}

// serve reads what is to be delivered, as it is now, and calls the processor. It closes returned when that has returned.
func (c *call) serve(ctx context.Context, returned chan struct{}) (o outcome) {
	o.call = c
	o.delivered = dkron.Delivered{Number: c.number, Target: c.lane.name}
	s, err := c.subject()
	switch {
	case err != nil:
		o.fail(err)
		return o
	case s == nil:
		o.void = true
		return o
	}
	o.job = s.delivery.Job
	if s.execution == nil {
		o.delivered.State = dkron.DeliveryDropped
		return o
	}
	o.execution = s.execution.ID()
	resp, err := c.process(ctx, s, returned, &o)
	if err != nil {
		o.fail(err)
		if clock.Now().Sub(s.delivery.At) >= giveUpAfter {
			o.delivered.State = dkron.DeliveryFailed
		}
		return o
	}
	o.delivered.State = dkron.DeliveryDone
	if resp != nil && resp.Output != nil {
		o.delivered.Replaces, o.delivered.Output = true, resp.Output[:min(len(resp.Output), dkron.MaxOutput)]
	}
	return o
}

func (o *outcome) fail(err error) {
	o.delivered.Error = short(err)
	if errors.Is(err, plugin.ErrUndeliverable) {
		o.delivered.State = dkron.DeliveryFailed
	}
}

// short returns an error as one line that is not too long.
func short(err error) string {
	text := strings.ToValidUTF8(strings.Join(strings.Fields(err.Error()), " "), "?")
	return strings.ToValidUTF8(text[:min(len(text), maxError)], "")
}

// subject reads what is to be delivered. It returns nil if that has ended, and no execution if that or the processor is
// gone. The configuration is the job's present one, so that a mistake in it can be mended.
func (c *call) subject() (s *subject, err error) {
	err = c.State.View(func(tx *state.Tx) error {
		d, err := tx.Delivery(c.number)
		if errors.Is(err, dkron.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if t := d.Target(c.lane.name); t == nil || t.State != dkron.Undelivered {
			return nil
		}
		s = &subject{delivery: d, execution: d.Copy, config: d.Processors[c.lane.name]}
		if d.Copy != nil {
			return nil
		}
		j, err := tx.Job(d.Job)
		if err == nil {
			config, named := j.Processors[c.lane.name]
			if j.Number != d.JobNumber || !named {
				return nil
			}
			s.config = config
			s.execution, err = tx.ExecutedRecord(d.Execution)
		}
		if errors.Is(err, dkron.ErrNotFound) {
			return nil
		}
		return err
	})
	return s, err
}

// request returns what a processor is given.
func request(node string, s *subject) *plugin.ProcessRequest {
	e, config := s.execution, maps.Clone(s.config)
	if config == nil {
		config = make(map[string]string)
	}
	config[plugin.ReportingNode] = node
	return &plugin.ProcessRequest{
		JobName: e.JobName, Config: config, ReportingNode: node, LaunchID: e.LaunchID(), ExecutionID: e.ID(), Group: e.Group,
		Attempt: int(e.Attempt), NodeName: e.NodeName, ScheduledAt: e.Nominal.UTC(), StartedAt: e.StartedAt.UTC(), FinishedAt: e.FinishedAt.UTC(),
		Success: e.Outcome == dkron.Success, Outcome: string(e.Outcome), Error: e.Error, Output: e.Text(),
	}
}

// process has the processor called where the job wants it to be.
func (c *call) process(ctx context.Context, s *subject, returned chan struct{}, o *outcome) (*plugin.ProcessResponse, error) {
	if dkron.ProcessedOn(s.config) == dkron.ProcessorOnNode && s.execution.NodeName != "" {
		close(returned)
		o.at = &place{s.execution.NodeName, s.execution.Ref()}
		return c.elsewhere(ctx, s)
	}
	p := c.Find(c.lane.name)
	if p == nil {
		return nil, fmt.Errorf("this server has no processor of that name: %w", plugin.ErrUndeliverable)
	}
	return invoke(ctx, c.Timeout, p, request(c.Node, s), returned, &o.hangs)
}

// invoke calls a processor, in a goroutine of its own, since one that hangs must stop nothing else.
func invoke(ctx context.Context, limit time.Duration, p plugin.Processor, req *plugin.ProcessRequest, returned chan struct{}, hangs *bool) (*plugin.ProcessResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	type answer struct {
		resp *plugin.ProcessResponse
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		defer cancel()
		defer close(returned)
		var a answer
		defer func() {
			if v := recover(); v != nil {
				a.err = fmt.Errorf("the processor panicked: %v", v)
			}
			answers <- a
		}()
		a.resp, a.err = p.Process(ctx, req)
	}()
	late := time.NewTimer(limit + grace)
	defer late.Stop()
	select {
	case a := <-answers:
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && a.err != nil {
			a.err = fmt.Errorf("it took longer than %s: %w", plugin.InWords(limit), a.err)
		}
		return a.resp, a.err
	case <-late.C:
		*hangs = true
		return nil, fmt.Errorf("it took longer than %s and still goes on", plugin.InWords(limit))
	}
}
