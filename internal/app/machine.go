package app

import (
	"dkron/internal/command"
	"dkron/internal/consensus"
)

// machine is the state machine as consensus uses it.
type machine struct{ *command.Machine }

func (m machine) Apply(entries []consensus.Entry) []any {
	list := make([]command.Entry, len(entries))
	for i, e := range entries {
		list[i] = command.Entry{Index: e.Index, Data: e.Data}
	}
	return m.Machine.Apply(list)
}

func (m machine) Snapshot() (consensus.Snapshot, error) {
	s, err := m.Machine.Snapshot()
	if err != nil {
		return nil, err
	}
	return s, nil
}
