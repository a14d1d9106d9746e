package trace

import (
	"time"

	"dkron"
)

// Order returns the value of TRACEPARENT for what a node has been ordered to run, empty if nothing is traced.
func (t *Tracer) Order(o *dkron.Order, executionID string) string {
	if t == nil {
		return ""
	}
	cluster := t.Cluster()
	if cluster == "" { // the leader would derive other ids once there is one
		return ""
	}
	c := executionContext(cluster, dkron.LaunchID(o.JobName, o.Group), executionID)
	c.Sampled = t.to.sampler.samples(c.Trace)
	return c.String()
}

// Executions exports the spans of executions that ended.
func (t *Tracer) Executions(list []*dkron.Execution) {
	if t == nil {
		return
	}
	for _, e := range list {
		root := launchContext(t.Cluster(), e.LaunchID())
		if !t.to.sampler.samples(root.Trace) || !e.Began() {
			continue
		}
		self := executionContext(t.Cluster(), e.LaunchID(), e.ID())
		self.Sampled = true
		attrs := []attribute{
			text("dkron.job", e.JobName), text("dkron.execution", e.ID()), text("dkron.node", e.NodeName),
			number("dkron.attempt", int64(e.Attempt)), text("dkron.outcome", string(e.Outcome)), // a small number
		}
		if e.ExitCode != nil {
			attrs = append(attrs, number("process.exit.code", e.ExitCode.Code))
		}
		t.add(&span{
			self: self, parent: root.Span, name: "execution " + e.JobName, kind: consumer, start: e.StartedAt, end: latest(e.StartedAt, e.FinishedAt),
			attrs: attrs, failed: e.Outcome != dkron.Success, reason: string(e.Outcome),
		})
	}
}

// Launches exports the spans of launches that ended. They begin when the leader made the launch: how long it waited for
// other launches, for a node, and on its way there is what no execution covers.
func (t *Tracer) Launches(list []*dkron.Launch) {
	if t == nil {
		return
	}
	for _, l := range list {
		self := launchContext(t.Cluster(), l.ID())
		if self.Sampled = t.to.sampler.samples(self.Trace); !self.Sampled {
			continue
		}
		attrs := []attribute{
			text("dkron.job", l.Job), text("dkron.launch", l.ID()), text("dkron.cause", string(l.Cause)), text("dkron.state", string(l.State)),
			number("dkron.nodes", int64(l.Nodes)), // a small number
		}
		if !l.Nominal.IsZero() {
			attrs = append(attrs, text("dkron.due", l.Nominal.UTC().Format(time.RFC3339Nano)))
		}
		attrs = withText(withText(attrs, "dkron.requested_by", l.By), "dkron.stopped_by", l.StoppedBy)
		var links []Context
		for _, other := range []string{l.ParentID, l.RerunOf} { // each has a trace of its own
			if other != "" {
				links = append(links, launchContext(t.Cluster(), other))
			}
		}
		t.add(&span{
			self: self, name: "launch " + l.Job, kind: internal, start: l.CreatedAt, end: latest(l.CreatedAt, l.EndedAt), attrs: attrs, links: links,
			failed: l.State != dkron.LaunchSuccess && l.State != dkron.LaunchSkipped, reason: string(l.State),
		})
	}
}

// latest keeps a span from ending before it began: two clocks measured it.
func latest(a, b time.Time) time.Time {
	if b.Before(a) {
		return a
	}
	return b
}
