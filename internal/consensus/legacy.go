package consensus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft"

	"dkron/internal/liblog"
)

// legacyDir is where versions before points kept two copies of the state as snapshots. The newest is turned into a
// point, and the copies are removed.
const legacyDir = "snapshots"

// legacySnapshot returns the newest snapshot of an older version, nil if there is none.
func (n *Node) legacySnapshot() (*raft.FileSnapshotStore, *raft.SnapshotMeta, error) {
	if _, err := os.Stat(filepath.Join(n.dir, legacyDir)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	store, err := raft.NewFileSnapshotStoreWithLogger(n.dir, 1, liblog.New(n.cfg.Logger, "raft").Named("snapshot"))
	if err != nil {
		return nil, nil, fmt.Errorf("open snapshots: %w", err)
	}
	list, err := store.List()
	if err != nil {
		return nil, nil, fmt.Errorf("list snapshots: %w", err)
	}
	if len(list) == 0 {
		return nil, nil, nil
	}
	return store, list[0], nil
}

// importLegacy makes a point from the newest snapshot of an older version, and restores it if the state is older.
func (n *Node) importLegacy(m Machine) error {
	if n.snapshots.last() == nil {
		store, newest, err := n.legacySnapshot()
		if err != nil {
			return err
		}
		if newest != nil {
			if err := n.restoreIfBehind(m, store, newest); err != nil {
				return err
			}
			p := &point{Meta: *newest, Applied: min(newest.Index, m.AppliedIndex())}
			if err := n.snapshots.set(p); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(filepath.Join(n.dir, legacyDir))
}

// restoreIfBehind restores the snapshot unless the machine's state covers it.
func (n *Node) restoreIfBehind(m Machine, store *raft.FileSnapshotStore, snap *raft.SnapshotMeta) error {
	dir := filepath.Join(n.dir, legacyDir, snap.ID)
	covered, err := covers(m, dir, snap.Index)
	if err != nil {
		return &CorruptError{Path: dir, Err: err}
	}
	if covered {
		return nil
	}
	n.cfg.Logger.Info("state is older than the newest snapshot, restoring it", "snapshot", snap.ID)
	_, rc, err := store.Open(snap.ID) // checks the checksum
	if err != nil {
		return &CorruptError{Path: dir, Err: err}
	}
	defer func() { _ = rc.Close() }()
	if _, err := restore(m, rc); err != nil {
		return fmt.Errorf("restore snapshot %s: %w", dir, err)
	}
	return nil
}

// covers reads the header directly from the file, because the snapshot store would read the whole file for the
// checksum.
func covers(m Machine, dir string, index uint64) (bool, error) {
	if m.AppliedIndex() >= index {
		return true, nil
	}
	f, err := os.Open(filepath.Join(dir, "state.bin"))
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	applied, err := readHeader(f)
	return err == nil && m.AppliedIndex() >= applied, err
}
