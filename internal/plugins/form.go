package plugins

import "time"

// Survey is the plugins of all nodes that answered, as clients read it.
type Survey struct {
	Plugins     []Row         `json:"plugins"`
	Unreachable []Unreachable `json:"unreachable"`
}

// Unreachable is a node whose plugins are not known.
type Unreachable struct {
	Node  string `json:"node"`
	Error string `json:"error"`
}

// Row is a plugin of a node, as clients read it. What does not apply or is not known is nil or empty.
type Row struct {
	Node    string     `json:"node"`
	Kind    string     `json:"kind"`
	Name    string     `json:"name"`
	Path    string     `json:"path"`
	Version string     `json:"version"`
	State   State      `json:"state"`
	Reason  string     `json:"reason"`
	Next    *time.Time `json:"next_start"`

	PID        *uint64    `json:"pid"`
	StartedAt  *time.Time `json:"started_at"`
	Restarts   uint64     `json:"restarts"`
	Executions uint64     `json:"executions"`
	Retired    uint64     `json:"retired"`
	Memory     *uint64    `json:"memory"`

	Error    string     `json:"last_error"`
	FailedAt *time.Time `json:"last_error_at"`
}

func newRow(node string, p *Plugin) Row {
	return Row{
		Node: node, Kind: p.Kind, Name: p.Name, Path: p.Path, Version: p.Version, State: p.State, Reason: p.Reason, Next: instant(p.Next),
		PID: number(p.PID), StartedAt: instant(p.StartedAt), Restarts: p.Restarts, Executions: p.Executions, Retired: p.Retired, Memory: number(p.Memory),
		Error: p.Error, FailedAt: instant(p.FailedAt),
	}
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func number(n uint64) *uint64 {
	if n == 0 {
		return nil
	}
	return &n
}
