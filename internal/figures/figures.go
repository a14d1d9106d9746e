// Package figures reads from the rooms of a node what its metrics show at each scrape.
package figures

import (
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/index"
	"dkron/internal/limit"
	"dkron/internal/objective"
	"dkron/internal/plugins"
	"dkron/internal/rerun"
	"dkron/internal/roster"
	"dkron/internal/state"
	"dkron/internal/telemetry"
)

// Agent is what runs executions on this node.
type Agent interface {
	Running() int
	Skew() time.Duration
	JournalBytes() int64
	Attached() bool
}

// Node is the rooms that every node has.
type Node struct {
	Agent       Agent
	BodyBytes   func() int64                  // of request bodies in memory
	RateRefused func() uint64                 // requests of clients that asked too often
	OutputBytes func() int64                  // of whole outputs on disk
	Load        func() (dkron.NodeLoad, bool) // of the machine
	Members     func() map[roster.Status]int
	Ports       map[string]func() limit.Usage // by name
	Plugins     func() []plugins.Plugin
}

// Show has the metrics read a node's figures.
func (n *Node) Show(m *telemetry.Metrics) {
	m.ReadNode(func() telemetry.NodeFigures {
		load, _ := n.Load()
		return telemetry.NodeFigures{
			Running: n.Agent.Running(), SkewSeconds: n.Agent.Skew().Seconds(), BodyBytes: n.BodyBytes(), OutputBytes: n.OutputBytes(),
			RateRefused: n.RateRefused(),
			Journal:     n.Agent.JournalBytes(), Attached: n.Agent.Attached(),
			CPUs: float64(load.CPUs) / 1000, CPU: float64(load.CPU) / 1000, MemoryTotal: load.MemoryTotal, MemoryUsed: load.MemoryUsed,
		}
	})
	m.ReadMembers(func(add func(string, int)) {
		count := n.Members()
		for s := roster.Alive; s <= roster.Failed; s++ {
			add(s.String(), count[s])
		}
	})
	m.ReadPorts(func(add func(string, telemetry.PortFigures)) {
		for port, usage := range n.Ports {
			add(port, telemetry.PortFigures(usage()))
		}
	})
	m.ReadPlugins(func(add func(string, string, telemetry.PluginFigures)) {
		for _, p := range n.Plugins() {
			add(p.Kind, p.Name, telemetry.PluginFigures{Up: p.State.Up(), Restarts: p.Restarts, Executions: p.Executions, Memory: p.Memory, Version: p.Version, State: string(p.State)})
		}
	})
}

// Log is Raft's log.
type Log interface {
	Leads() error
	Leader() (id, addr string)
	Term() uint64
	Applied() uint64
	CommitIndex() uint64
	LastIndex() uint64
	LogBytes() (bytes, sinceSnapshot int64)
}

// Server is the rooms that only a server has.
type Server struct {
	Log   Log
	Live  func() []dkron.Node // the nodes that this server has streams to while it leads
	State *state.Store
}

// Show has the metrics read a server's figures.
func (s *Server) Show(m *telemetry.Metrics) {
	m.ReadLog(s.log)
	m.ReadState(s.state)
	m.ReadJobs(s.jobs)
	m.ReadReruns(func() (telemetry.RerunFigures, error) {
		f, err := rerun.Count(s.State)
		return telemetry.RerunFigures(f), err
	})
	m.ReadDeliveries(s.undelivered)
	m.ReadObjectives(s.objectives)
	m.ReadHealth(func(add func(string, int)) {
		for word, jobs := range s.State.Index().Healths(clock.Now()) {
			add(word, jobs)
		}
	})
}

func (s *Server) log() telemetry.LogFigures {
	id, _ := s.Log.Leader()
	f := telemetry.LogFigures{
		Leads: s.Log.Leads() == nil, HasLeader: id != "", Term: s.Log.Term(), Applied: s.Log.Applied(), Commit: s.Log.CommitIndex(),
		Last: s.Log.LastIndex(), Attached: len(s.Live()),
	}
	f.Bytes, f.SinceSnapshot = s.Log.LogBytes()
	return f
}

func (s *Server) state() (telemetry.StateFigures, error) {
	size, err := s.State.Size()
	agreed, _ := s.State.Agreed() // shown when it can be read
	return telemetry.StateFigures{
		Jobs: s.State.Index().Len(), OpenLaunches: size.OpenLaunches, OpenExecutions: size.OpenExecutions, Launches: size.Launches,
		Executions: size.Executions, Disk: size.Disk, Free: size.Free, Output: size.Output, OutputLimit: size.OutputLimit,
		Compactions: size.Compactions, Protocol: agreed.Protocol,
	}, err
}

func (s *Server) jobs(add func(telemetry.Job) bool) {
	open := s.State.Index().OpenCounts()
	s.State.Index().Each(func(e *index.Entry) bool {
		return add(telemetry.Job{
			Name: e.Name, Number: e.Number, Succeeded: e.SuccessCount, Failed: e.ErrorCount, Stopped: e.StoppedCount, LastSuccess: e.LastSuccess(),
			Running: uint64(open[e.Number]), // a count
		})
	})
}

// objectives counts objectives by state. If they can't be read there is no series: zeros would say that none is broken.
func (s *Server) objectives(add func(string, int)) {
	list, err := objective.NewBoard(s.State).List(s.State.Index().Each, clock.Now())
	if err != nil {
		return
	}
	count := make(map[objective.State]int)
	for i := range list {
		count[list[i].State]++
	}
	for _, state := range objective.States {
		add(string(state), count[state])
	}
}

// undelivered returns how many deliveries are pending: to processors, and through channels.
func (s *Server) undelivered() (outputs, notices float64, err error) {
	err = s.State.View(func(tx *state.Tx) error {
		all, some := tx.Undelivered()
		outputs, notices = float64(all-some), float64(some)
		return nil
	})
	return outputs, notices, err
}
