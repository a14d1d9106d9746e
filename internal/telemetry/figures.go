package telemetry

import "strings"

// What follows is read from other rooms when somebody asks for the metrics.

// NodeFigures is what any node shows of itself.
type NodeFigures struct {
	Running     int     // executions on this node
	SkewSeconds float64 // by which its clock is ahead of the leader's
	BodyBytes   int64   // of HTTP requests, in memory
	OutputBytes int64   // of whole outputs, on disk
	Journal     int64   // bytes
	Attached    bool    // a leader has a stream to it
	RateRefused uint64  // requests
	// Of its machine, or its container; 0 before they are measured, and where they can't be.
	CPUs, CPU               float64
	MemoryTotal, MemoryUsed uint64
}

// ReadNode registers what any node shows of itself.
func (m *Metrics) ReadNode(read func() NodeFigures) {
	m.Read(func() ([]float64, error) {
		f := read()
		return []float64{
			float64(f.Running), f.SkewSeconds, float64(f.BodyBytes), f.CPU, f.CPUs, float64(f.MemoryUsed), float64(f.MemoryTotal),
			float64(f.OutputBytes), float64(f.Journal), number(f.Attached),
			float64(f.RateRefused),
		}, nil
	},
		Series{Name: "dkron_executions_running", Type: Gauge, Help: "Executions running on this node."},
		Series{Name: "dkron_clock_skew_seconds", Type: Gauge,
			Help: "How far this node's clock is ahead of the leader's, measured by the leader's messages; negative if behind."},
		Series{Name: "dkron_http_body_bytes", Type: Gauge, Help: "Bytes of request bodies in memory."},
		Series{Name: "dkron_node_cpus_busy", Type: Gauge,
			Help: "CPUs of this node's machine, or container, in use on average over the last ten seconds."},
		Series{Name: "dkron_node_cpus", Type: Gauge, Help: "CPUs that this node may use; 0 where that can't be measured."},
		Series{Name: "dkron_node_memory_used_bytes", Type: Gauge,
			Help: "Memory of this node's machine, or container, that is not available to programs any more."},
		Series{Name: "dkron_node_memory_bytes", Type: Gauge, Help: "Memory that this node may use; 0 where that can't be measured."},
		Series{Name: "dkron_outputs_kept_bytes", Type: Gauge,
			Help: "Whole outputs on this node's disk that processors with on: node have perhaps still to be given."},
		Series{Name: "dkron_agent_journal_bytes", Type: Gauge, Help: "Size of this node's journal, which is rewritten at 16 MiB."},
		Series{Name: "dkron_agent_attached", Type: Gauge, Help: "1 if a leader has a connection to this node, so that it can get work, else 0."},
		Series{Name: "dkron_http_rate_refused_total", Type: Counter, Help: "Requests that this node refused because their client asked too often; see http-rate."})
}

// ReadSpans registers what became of a node's spans.
func (m *Metrics) ReadSpans(read func() (sent, dropped uint64)) {
	m.Read(func() ([]float64, error) {
		sent, dropped := read()
		return []float64{float64(sent), float64(dropped)}, nil
	},
		Series{Name: "dkron_spans_exported_total", Type: Counter, Help: "Spans of traces that a collector took from this node."},
		Series{Name: "dkron_spans_dropped_total", Type: Counter,
			Help: "Spans that this node did not export, because the collector could not be reached, was too slow or refused them."})
}

// ReadMembers registers the members of all regions. read calls add with each status and their number.
func (m *Metrics) ReadMembers(read func(add func(status string, members int))) {
	m.ReadLabelled(Series{
		Name: "dkron_members", Type: Gauge, Labels: []string{"status"}, Help: "Members of all regions known to gossip, by status.",
	}, func(add func(float64, ...string)) {
		read(func(status string, members int) { add(float64(members), status) })
	})
}

// LogFigures is what a server shows of its log and of its part in the cluster.
type LogFigures struct {
	Leads, HasLeader            bool
	Term, Applied, Commit, Last uint64
	Attached                    int   // nodes
	Bytes, SinceSnapshot        int64 // of entries
}

// ReadLog registers what a server shows of its log.
func (m *Metrics) ReadLog(read func() LogFigures) {
	m.Read(func() ([]float64, error) {
		f := read()
		return []float64{
			number(f.Leads), number(f.HasLeader), float64(f.Term), float64(f.Applied), float64(f.Commit), float64(f.Last),
			float64(f.Attached), float64(f.Bytes), float64(f.SinceSnapshot),
		}, nil
	},
		Series{Name: "dkron_is_leader", Type: Gauge, Help: "1 if this server leads, else 0."},
		Series{Name: "dkron_has_leader", Type: Gauge, Help: "1 if this server knows a leader, else 0."},
		Series{Name: "dkron_raft_term", Type: Gauge, Help: "Newest term that this server knows."},
		Series{Name: "dkron_raft_applied_index", Type: Gauge, Help: "Index of the last log entry in this server's state."},
		Series{Name: "dkron_raft_commit_index", Type: Gauge, Help: "Index up to which this server knows the log to be committed."},
		Series{Name: "dkron_raft_last_index", Type: Gauge, Help: "Index of the last entry in this server's log."},
		Series{Name: "dkron_nodes_attached", Type: Gauge, Help: "Nodes that the leader can give orders to; 0 on other servers."},
		Series{Name: "dkron_raft_log_bytes", Type: Gauge, Help: "Bytes of entries in this server's log, compressed as on disk."},
		Series{Name: "dkron_raft_log_since_snapshot_bytes", Type: Gauge,
			Help: "Part of these bytes written after the last snapshot, which can't be dropped yet."})
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// StateFigures is what a server shows of its state.
type StateFigures struct {
	Jobs                         int
	OpenLaunches, OpenExecutions int
	Launches, Executions         uint64 // ever
	Disk, Free                   int64  // bytes
	Output, OutputLimit          uint64 // bytes
	Compactions                  uint64
	Protocol                     uint64 // on which the cluster has agreed
}

// ReadState registers what a server shows of its state.
func (m *Metrics) ReadState(read func() (StateFigures, error)) {
	m.Read(func() ([]float64, error) {
		f, err := read()
		return []float64{
			float64(f.Jobs), float64(f.OpenLaunches), float64(f.OpenExecutions), float64(f.Launches), float64(f.Executions),
			float64(f.Disk), float64(f.Free), float64(f.Output), float64(f.OutputLimit), float64(f.Compactions),
			float64(f.Protocol),
		}, err
	},
		Series{Name: "dkron_jobs", Type: Gauge, Help: "Jobs in the state."},
		Series{Name: "dkron_launches_open", Type: Gauge, Help: "Launches in the cluster that have not ended."},
		Series{Name: "dkron_executions_open", Type: Gauge,
			Help: "Executions in the cluster that have not ended: running, or waiting for their node or for a retry."},
		Series{Name: "dkron_history_launches_total", Type: Counter, Help: "Launches ever added to the history."},
		Series{Name: "dkron_history_executions_total", Type: Counter, Help: "Executions ever added to the history."},
		Series{Name: "dkron_state_size_bytes", Type: Gauge, Help: "Size of the state's database on disk."},
		Series{Name: "dkron_state_free_bytes", Type: Gauge, Help: "Free space inside the database."},
		Series{Name: "dkron_history_output_bytes", Type: Gauge, Help: "Bytes of output in the histories of all jobs."},
		Series{Name: "dkron_history_output_limit_bytes", Type: Gauge,
			Help: "Limit of that output, history.total_bytes; 0 if there is none."},
		Series{Name: "dkron_state_compactions_total", Type: Counter,
			Help: "Times that this process compacted the state's database because much of it was free."},
		Series{Name: "dkron_protocol", Type: Gauge, Help: "Protocol on which the cluster has agreed; a server that knows only older ones is refused."})
}

// ReadHealth registers how jobs are doing. read calls add with each word and the number of jobs.
func (m *Metrics) ReadHealth(read func(add func(health string, jobs int))) {
	m.ReadLabelled(Series{
		Name: "dkron_jobs_by_health", Type: Gauge, Labels: []string{"health"},
		Help: "Jobs by their health: the first that holds of disabled, failing, did_not_run, late, long_running, waiting, never_due and ok.",
	}, func(add func(float64, ...string)) {
		read(func(health string, jobs int) { add(float64(jobs), health) })
	})
}

// ReadObjectives registers the number of objectives in each state. read calls add with each state and its number.
func (m *Metrics) ReadObjectives(read func(add func(state string, objectives int))) {
	m.ReadLabelled(Series{
		Name: "dkron_objectives", Type: Gauge, Labels: []string{"state"},
		Help: "Objectives of jobs by state: broken, at_risk, met, or unknown while there is nothing to judge them by.",
	}, func(add func(float64, ...string)) {
		read(func(state string, objectives int) { add(float64(objectives), state) })
	})
}

// RerunFigures is how far the requests are to run many launches again.
type RerunFigures struct{ Open, Pending, Gone uint64 }

// ReadReruns registers how far the requests are to run many launches again.
func (m *Metrics) ReadReruns(read func() (RerunFigures, error)) {
	m.Read(func() ([]float64, error) {
		f, err := read()
		return []float64{float64(f.Open), float64(f.Pending), float64(f.Gone)}, err
	},
		Series{Name: "dkron_reruns_open", Type: Gauge, Help: "Requests to run many launches again that have not ended."},
		Series{Name: "dkron_rerun_launches_pending", Type: Gauge, Help: "Launches that these requests have still to make."},
		Series{Name: "dkron_rerun_launches_gone", Type: Gauge,
			Help: "Launches that the latest 20 requests left out: no longer kept, or run again by another request, when it was their turn."})
}

// ReadDeliveries registers how much is still to be delivered to processors, and through channels.
func (m *Metrics) ReadDeliveries(read func() (outputs, notices float64, err error)) {
	m.Read(func() ([]float64, error) {
		outputs, notices, err := read()
		return []float64{outputs, notices}, err
	}, Series{Name: "dkron_deliveries_pending", Type: Gauge, Help: "Ended executions that some processor of their job has still to be given."},
		Series{Name: "dkron_notifications_pending", Type: Gauge, Help: "Notices that are still to be sent through some channel."})
}

// PortFigures is how full a port is.
type PortFigures struct {
	Open, Max        int
	Evicted, Refused uint64
}

// ReadPorts registers how full a node's ports are. read calls add with each.
func (m *Metrics) ReadPorts(read func(add func(port string, f PortFigures))) {
	labels := []string{"port"}
	m.readRows([]Series{
		{Name: "dkron_connections_open", Type: Gauge, Labels: labels, Help: "Open connections to this node, by port."},
		{Name: "dkron_connections_limit", Type: Gauge, Labels: labels, Help: "Most connections that a port accepts at once."},
		{Name: "dkron_connections_evicted_total", Type: Counter, Labels: labels,
			Help: "Idle connections that were closed to make room for new ones, by port."},
		{Name: "dkron_connections_refused_total", Type: Counter, Labels: labels,
			Help: "Connections that were refused because no open one was idle, by port."},
	}, func(add func([]float64, ...string)) {
		read(func(port string, f PortFigures) {
			add([]float64{float64(f.Open), float64(f.Max), float64(f.Evicted), float64(f.Refused)}, port)
		})
	})
}

// PluginFigures is how a plugin of this node is doing.
type PluginFigures struct {
	Up                   bool // its process can be called, or nothing needed one yet
	Restarts, Executions uint64
	Memory               uint64 // bytes
	Version, State       string
}

// ReadPlugins registers how a node's plugins are doing. read calls add with each.
func (m *Metrics) ReadPlugins(read func(add func(kind, name string, f PluginFigures))) {
	labels := []string{"kind", "plugin"}
	m.readRows([]Series{
		{Name: "dkron_plugin_up", Type: Gauge, Labels: labels,
			Help: "1 if a plugin of this node runs, or starts when it is needed; 0 if its last start failed, or its file is refused."},
		{Name: "dkron_plugin_restarts_total", Type: Counter, Labels: labels, Help: "Starts of a plugin's process after the first."},
		{Name: "dkron_plugin_executions", Type: Gauge, Labels: labels, Help: "Executions that a plugin runs now."},
		{Name: "dkron_plugin_memory_bytes", Type: Gauge, Labels: labels,
			Help: "Resident memory of a plugin's processes and of what they started; 0 where that can't be measured."},
		{Name: "dkron_plugin_info", Type: Gauge, Labels: append(labels, "version", "state"),
			Help: "Always 1; the labels are the plugin's version, empty if it is not known, and what it is doing."},
	}, func(add func([]float64, ...string)) {
		read(func(kind, name string, f PluginFigures) {
			add([]float64{number(f.Up), float64(f.Restarts), float64(f.Executions), float64(f.Memory), 1},
				kind, strings.ToValidUTF8(name, "�"), strings.ToValidUTF8(f.Version, "�"), f.State)
		})
	})
}
