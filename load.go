package dkron

import (
	"time"

	"dkron/internal/codec"
)

// NodeLoad is how busy a node is, as it measures it. Figures that it can't measure are 0 or empty.
type NodeLoad struct {
	Node string
	At   time.Time // by the node's clock

	// CPUs is how many the node may use, and CPU how many of them were in use on average since the measurement before;
	// both in thousandths.
	CPUs, CPU uint64
	// MemoryTotal is what the node may use, and MemoryUsed what is not available any more; both in bytes.
	MemoryTotal, MemoryUsed uint64
	Averages                []uint64 // load averages over 1, 5 and 15 minutes, in thousandths

	Running    uint64 // executions
	Waiting    uint64 // executions that wait on the node because MaxRunning run
	MaxRunning uint64 // 0: no limit

	High []High // what is high now
}

// High is a figure that is too high, and since when it has been.
type High struct {
	What  HighWhat
	Since time.Time
}

// HighWhat names what is high.
type HighWhat string

// What can be high.
const (
	HighCPU    HighWhat = "cpu"
	HighMemory HighWhat = "memory"
	HighLoad   HighWhat = "load" // average over a minute
	HighRuns   HighWhat = "runs" // as many run as may
)

// Fields describes the wire form.
func (l *NodeLoad) Fields(w *codec.Wire) {
	w.String(1, &l.Node)
	w.Time(2, &l.At)
	w.Uint(3, &l.CPUs)
	w.Uint(4, &l.CPU)
	w.Uint(5, &l.MemoryTotal)
	w.Uint(6, &l.MemoryUsed)
	w.Uints(7, &l.Averages)
	w.Uint(8, &l.Running)
	w.Uint(9, &l.Waiting)
	w.Uint(10, &l.MaxRunning)
	codec.List(w, 11, &l.High)
}

// Fields describes the wire form.
func (h *High) Fields(w *codec.Wire) {
	codec.Text(w, 1, &h.What)
	w.Time(2, &h.Since)
}
