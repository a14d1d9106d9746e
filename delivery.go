package dkron

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron/internal/codec"
)

// Limits of what has still to be delivered, over all jobs. Beyond them the oldest is dropped.
const (
	MaxDeliveries  = 10_000
	MaxDeliveryAge = 7 * 24 * time.Hour
)

// DeliveryKind is what is delivered, and to whom.
type DeliveryKind string

// DeliverOutput is the kind of a delivery of an ended execution to the processors of its job; see notice.go for the others.
const DeliverOutput DeliveryKind = "output"

// Delivery is something that has still to be delivered to targets outside the log. It is recorded with what it is about,
// so that a new leader continues with it, and removed when all of its targets have ended.
type Delivery struct {
	Number    uint64 // in the order of the log; never used twice
	Kind      DeliveryKind
	Job       string
	JobNumber uint64
	Execution uint64 // record of the history; 0 if there is none
	At        time.Time
	Targets   []DeliveryTarget // in the order in which they are served

	// Copy and Processors are of an ephemeral job, which may be gone before its last execution is delivered. Otherwise
	// both are read from the state when they are needed. A notice always has a copy, since its job may be deleted meanwhile;
	// the copy has the output only if the job is ephemeral.
	Copy       *Execution
	Processors map[string]map[string]string
	Owner      string // addresses of the job's owner, for mail
	Message    uint64 // the dead letter that is sent again; 0 if it is none
}

// DeliveryTarget is one of the targets of a delivery.
type DeliveryTarget struct {
	Name     string
	Attempts uint64    // that failed
	Next     time.Time // when the next attempt may begin
	State    DeliveryState
	Replaces bool   // Output is to replace that of the execution
	Output   []byte // until all targets have ended
}

// DeliveryState is the state of the delivery to a target, or the result of an attempt.
type DeliveryState string

// The states; Undelivered is that of a target that still waits, and the result of an attempt that is repeated later.
const (
	Undelivered     DeliveryState = ""
	DeliveryDone    DeliveryState = "delivered"
	DeliveryFailed  DeliveryState = "failed"  // given up
	DeliveryDropped DeliveryState = "dropped" // what it is about or its target is gone, or there were too many
)

// Delivered is the result of an attempt to deliver.
type Delivered struct {
	Number   uint64
	Target   string
	State    DeliveryState
	Replaces bool
	Output   []byte
	Error    string
	Next     time.Time // when the next attempt may begin, if State is Undelivered
}

// DeliveryStat counts what was delivered of a job to one target.
type DeliveryStat struct {
	Name        string
	Delivered   uint64
	Failed      uint64 // given up
	Dropped     uint64
	Pending     uint64
	Attempts    uint64 // that failed since one last succeeded
	LastError   string
	LastErrorAt time.Time
	DeliveredAt time.Time // the last one
}

// DeliveryStats is the counts of all targets of a job.
type DeliveryStats struct{ List []DeliveryStat }

// Of returns the count of a target, which is added if it is new.
func (s *DeliveryStats) Of(name string) *DeliveryStat {
	i := slices.IndexFunc(s.List, func(x DeliveryStat) bool { return x.Name == name })
	if i < 0 {
		i = len(s.List)
		s.List = append(s.List, DeliveryStat{Name: name})
	}
	return &s.List[i]
}

// Target returns a target by its name, nil if there is none.
func (d *Delivery) Target(name string) *DeliveryTarget {
	i := slices.IndexFunc(d.Targets, func(t DeliveryTarget) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Targets[i]
}

// Replacement returns what the output of the execution is replaced by after all targets have ended. There is none if one
// of them was not served: then the output is not known to be anywhere else.
func (d *Delivery) Replacement() (output []byte, ok bool) {
	for i := range d.Targets {
		switch t := &d.Targets[i]; {
		case t.State != DeliveryDone:
			return nil, false
		case t.Replaces:
			output, ok = t.Output, true
		}
	}
	return output, ok
}

// ProcessorOrder is the key of a processor's configuration that gives its place. A processor without one has 0; those
// with equal places are served in the order of their names.
const ProcessorOrder = "order"

// ProcessorOn is the key of a processor's configuration that says where it runs: on the server that leads, or, with
// ProcessorOnNode, on the node that ran the execution, where the whole output is.
const (
	ProcessorOn       = "on"
	ProcessorOnLeader = "leader"
	ProcessorOnNode   = "node"
)

// ProcessedOn returns where a processor with that configuration runs. What can't be read counts as ProcessorOnLeader.
func ProcessedOn(config map[string]string) string {
	if config[ProcessorOn] == ProcessorOnNode {
		return ProcessorOnNode
	}
	return ProcessorOnLeader
}

// KeepsOutput reports whether the nodes that run the job keep whole outputs, for processors that run there.
func (j *Job) KeepsOutput() bool {
	for _, config := range j.Processors {
		if ProcessedOn(config) == ProcessorOnNode {
			return true
		}
	}
	return false
}

// ProcessorNames returns the names of the job's processors in the order in which they are served.
func (j *Job) ProcessorNames() []string {
	names := codec.SortedKeys(j.Processors)
	slices.SortStableFunc(names, func(a, b string) int { return j.processorPlace(a) - j.processorPlace(b) })
	return names
}

func (j *Job) processorPlace(name string) int {
	n, err := strconv.ParseInt(strings.TrimSpace(j.Processors[name][ProcessorOrder]), 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// Replaced is what an execution's record keeps of an output that processors have replaced.
type Replaced struct {
	Size uint64 // bytes that the history held
}

// Fields describes the wire form.
func (r *Replaced) Fields(w *codec.Wire) { w.Uint(1, &r.Size) }

// Fields describes the wire form.
func (d *Delivery) Fields(w *codec.Wire) {
	w.Uint(1, &d.Number)
	codec.Text(w, 2, &d.Kind)
	w.String(3, &d.Job)
	w.Uint(4, &d.JobNumber)
	w.Uint(5, &d.Execution)
	w.Time(6, &d.At)
	codec.List(w, 7, &d.Targets)
	codec.Optional(w, 8, &d.Copy)
	processorsAt(w, 9, &d.Processors)
	w.Since(2)
	w.String(10, &d.Owner)
	w.Uint(11, &d.Message)
}

// Fields describes the wire form.
func (t *DeliveryTarget) Fields(w *codec.Wire) {
	w.String(1, &t.Name)
	w.Uint(2, &t.Attempts)
	w.Time(3, &t.Next)
	codec.Text(w, 4, &t.State)
	w.Bool(5, &t.Replaces)
	w.Bytes(6, &t.Output)
}

// Fields describes the wire form.
func (d *Delivered) Fields(w *codec.Wire) {
	w.Uint(1, &d.Number)
	w.String(2, &d.Target)
	codec.Text(w, 3, &d.State)
	w.Bool(4, &d.Replaces)
	w.Bytes(5, &d.Output)
	w.String(6, &d.Error)
	w.Time(7, &d.Next)
}

// Fields describes the wire form.
func (s *DeliveryStat) Fields(w *codec.Wire) {
	w.String(1, &s.Name)
	w.Uint(2, &s.Delivered)
	w.Uint(3, &s.Failed)
	w.Uint(4, &s.Dropped)
	w.Uint(5, &s.Pending)
	w.Uint(6, &s.Attempts)
	w.String(7, &s.LastError)
	w.Time(8, &s.LastErrorAt)
	w.Time(9, &s.DeliveredAt)
}

// Fields describes the wire form.
func (s *DeliveryStats) Fields(w *codec.Wire) { codec.List(w, 1, &s.List) }
