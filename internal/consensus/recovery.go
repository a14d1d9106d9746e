package consensus

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft"
)

// peersFile is how the operator names the remaining servers when the majority is lost: a JSON array of {"id",
// "address", "non_voter"}.
const peersFile = "peers.json"

// recoverPeers makes the servers in peers.json the configuration and everything in the log committed, then removes the
// file. If it fails, or the process ends before that, the file stays and the next start repeats it.
func (n *Node) recoverPeers(m Machine) error {
	path := filepath.Join(n.dir, peersFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	conf, err := raft.ReadConfigJSON(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if len(conf.Servers) == 0 {
		return fmt.Errorf("%s names no server", path)
	}
	f := &recoveryFSM{machine: m, logs: n.logs}
	if err := raft.RecoverCluster(n.cfg.raft(nil), f, n.logs, n.stable, n.snapshots, n.transport, conf); err != nil {
		return fmt.Errorf("recover with %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	n.cfg.Logger.Warn("recovered with the servers in peers.json; removed the file", "path", path, "servers", len(conf.Servers))
	return nil
}

// recoveryFSM lets raft replay the log, in batches, into a machine that has most of it already.
type recoveryFSM struct {
	machine Machine
	logs    *logStore
	pending []*raft.Log
	err     error
}

// Apply has no way to report an error; Snapshot does.
func (f *recoveryFSM) Apply(l *raft.Log) any {
	if f.pending = append(f.pending, l); len(f.pending) >= appendEntries {
		f.flush()
	}
	return nil
}

func (f *recoveryFSM) flush() {
	if len(f.pending) > 0 && f.err == nil {
		newFSM(f.machine, func(err error) { f.err = err }, f.logs).ApplyBatch(f.pending)
	}
	f.pending = nil
}

func (f *recoveryFSM) Snapshot() (raft.FSMSnapshot, error) {
	if f.flush(); f.err != nil {
		return nil, f.err
	}
	return newFSM(f.machine, nil, f.logs).Snapshot()
}

// Restore does nothing: the machine has what the newest snapshot promises.
func (f *recoveryFSM) Restore(io.ReadCloser) error { return nil }
