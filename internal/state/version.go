package state

import (
	"bytes"
	"errors"
	"fmt"

	"dkron"
)

// KeepVersions is how many earlier definitions of a job are kept.
const KeepVersions = 20

// KeepVersion stores a definition that is being replaced.
func (tx *Tx) KeepVersion(old *dkron.Job) error {
	if old.Revision > KeepVersions {
		if err := tx.remove(tableVersion, key(old.Number, old.Revision-KeepVersions)); err != nil {
			return err
		}
	}
	return tx.put(tableVersion, key(old.Number, old.Revision), old)
}

// Version returns an earlier definition of a job, or ErrNotFound.
func (tx *Tx) Version(job, revision uint64) (*dkron.Job, error) {
	j := new(dkron.Job)
	err := tx.get(tableVersion, key(job, revision), j)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("revision %d: %w", revision, dkron.ErrNotFound)
	}
	return j, err
}

// Versions returns the earlier definitions of a job that are kept, newest first.
func (tx *Tx) Versions(job uint64) ([]*dkron.Job, error) {
	var list []*dkron.Job
	prefix := key(job)
	err := scan(tx.bolt, tableVersion, prefix, func(k []byte, j *dkron.Job) bool {
		if !bytes.HasPrefix(k, prefix) {
			return false
		}
		list = append([]*dkron.Job{j}, list...)
		return true
	})
	return list, err
}

func (tx *Tx) dropVersions(job uint64) error {
	prefix := key(job)
	c := tx.bolt.Bucket(tableVersion).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Seek(prefix) {
		if err := tx.remove(tableVersion, k); err != nil {
			return err
		}
	}
	return nil
}
