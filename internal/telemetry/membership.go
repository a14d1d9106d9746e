package telemetry

import "time"

// Reconciled measures a pass over Raft's configuration.
func (m *Metrics) Reconciled(took time.Duration) { m.took(tookReconcile, took, 1) }

// ServerChanged measures the change of one server of Raft's configuration.
func (m *Metrics) ServerChanged(took time.Duration) { m.took(tookReconcileMember, took, 1) }
