package plugins

import (
	"time"

	"dkron/internal/codec"
)

// State is what a plugin is doing.
type State string

// The states of a plugin.
const (
	Idle       State = "idle"       // it has no process: nothing needed one yet
	Starting   State = "starting"   // its process can't be called yet
	Running    State = "running"    // it can be called
	Restarting State = "restarting" // it failed, and is started again when the pause is over
	Failed     State = "failed"     // it failed, and is started again when the next execution comes
	Retired    State = "retired"    // it has only processes that end after their executions
	Refused    State = "refused"    // it is never started: see Reason
)

// Up reports whether the plugin can be used: it runs, or starts when it is needed.
func (s State) Up() bool { return s != Failed && s != Restarting && s != Refused }

// Plugin is a plugin of a node.
type Plugin struct {
	Kind    string // executor or processor
	Name    string
	Path    string // of its file
	Version string // empty if it is not known
	State   State
	Reason  string    // why it is refused
	Next    time.Time // when it is started again; zero if that is not planned

	PID        uint64 // of the process that gets new executions; 0 if there is none
	StartedAt  time.Time
	Restarts   uint64 // starts after the first
	Executions uint64 // that run
	Retired    uint64 // processes that get no new executions and end after theirs
	Memory     uint64 // resident bytes of its processes and of what they started; 0 if it is not known

	Error    string    // the last failure; it stays after a start that went well
	FailedAt time.Time // when that was
}

// Fields describes the wire form.
func (p *Plugin) Fields(w *codec.Wire) {
	w.String(1, &p.Kind)
	w.String(2, &p.Name)
	w.String(3, &p.Path)
	w.String(4, &p.Version)
	w.String(5, (*string)(&p.State))
	w.String(6, &p.Reason)
	w.Time(7, &p.Next)
	w.Uint(8, &p.PID)
	w.Time(9, &p.StartedAt)
	w.Uint(10, &p.Restarts)
	w.Uint(11, &p.Executions)
	w.Uint(12, &p.Retired)
	w.Uint(13, &p.Memory)
	w.String(14, &p.Error)
	w.Time(15, &p.FailedAt)
}

// List is a node's plugins.
type List struct{ Plugins []Plugin }

// Fields describes the wire form.
func (l *List) Fields(w *codec.Wire) { codec.List(w, 1, &l.Plugins) }

// Restart asks a node to start a plugin afresh.
type Restart struct {
	Kind string
	Name string
}

// Fields describes the wire form.
func (r *Restart) Fields(w *codec.Wire) {
	w.String(1, &r.Kind)
	w.String(2, &r.Name)
}

// Subject is a plugin of a node that is asked for.
type Subject struct {
	Kind string
	Name string
}

// Fields describes the wire form.
func (s *Subject) Fields(w *codec.Wire) {
	w.String(1, &s.Kind)
	w.String(2, &s.Name)
}

// Description is what a plugin says of its configuration.
type Description struct {
	Schema []byte // JSON Schema; empty if the node does not know it
}

// Fields describes the wire form.
func (d *Description) Fields(w *codec.Wire) { w.Bytes(1, &d.Schema) }
