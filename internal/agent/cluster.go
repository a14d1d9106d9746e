package agent

import (
	"cmp"
	"errors"
	"fmt"

	"dkron"
)

var errLeft = errors.New("this node now belongs to another cluster, which does not know the execution")

// belongs returns the cluster of the term and the tasks.
func (a *Agent) belongs() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cluster
}

// own returns the cluster that this node names to leaders.
func (a *Agent) own() string {
	if a.cfg.Cluster == nil {
		return ""
	}
	return a.cfg.Cluster.Cluster()
}

// join serves leaders of the given cluster from now on. It refuses if the node belongs to another one, unless the node
// was ordered to leave that one: then executions ordered there end, and its results are dropped.
//
// A leader without a cluster id is served only by a node without one: either its version knows no ids, or the cluster
// has not got its id yet.
func (a *Agent) join(cluster string) error {
	if a.cfg.Cluster == nil {
		return nil
	}
	if own := a.own(); cluster == "" && (own != "" || a.belongs() != "") {
		return dkron.Error(dkron.ErrForeign, "the leader does not name its cluster, and this node belongs to %s", cmp.Or(own, a.belongs()))
	}
	if err := a.cfg.Cluster.Adopt(cluster); err != nil {
		return err
	}
	a.accepting.Lock() // so that nothing is accepted for one cluster and journalled for the other
	defer a.accepting.Unlock()
	a.mu.Lock()
	before := a.cluster
	if cluster == "" || before == cluster {
		a.mu.Unlock()
		return nil
	}
	a.cluster = cluster
	if before != "" {
		a.leave(before)
	}
	a.mu.Unlock()
	if err := a.journal.rewrite(a.live); err != nil {
		a.mu.Lock()
		a.cluster = before
		a.mu.Unlock()
		return fmt.Errorf("write the cluster to the journal: %w", err)
	}
	return nil
}

// leave drops the orders of a cluster that the node has left, and ends those that still run: nobody could see or stop
// them any more. The caller holds mu.
func (a *Agent) leave(cluster string) {
	for ref, t := range a.tasks {
		if t.result != nil {
			a.cfg.Logger.Warn("dropping a result: it belongs to the cluster that this node has left", "job", ref.JobName, "group", ref.Group, "cluster", cluster)
		} else {
			a.cfg.Logger.Warn("ending an execution: it belongs to the cluster that this node has left", "job", ref.JobName, "group", ref.Group, "cluster", cluster)
		}
	}
	a.drop()
	if a.cfg.Outputs != nil {
		a.cfg.Outputs.DropAll()
	}
}

// drop forgets term and tasks. The caller holds mu, or has the only reference.
func (a *Agent) drop() {
	for _, t := range a.tasks {
		t.cancel(errLeft)
	}
	clear(a.tasks)
	a.kept = 0
	clear(a.ended)
	a.endings, a.term = nil, 0
	if a.link != nil {
		a.link.close()
		a.link = nil
	}
}
