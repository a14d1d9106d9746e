package consensus

import (
	"errors"
	"fmt"

	"github.com/hashicorp/raft"
)

var (
	// ErrNotLeader: nothing was done here; ask the leader. Always wrapped by a *NotLeaderError.
	ErrNotLeader = errors.New("not the leader")

	// ErrOutcomeUnknown: the entry may have been or may still be committed. Retry only if that is idempotent.
	ErrOutcomeUnknown = errors.New("outcome unknown")

	// ErrLeadershipLost: this node lost the leadership before the entry was committed. It is an ErrOutcomeUnknown.
	ErrLeadershipLost = fmt.Errorf("leadership lost, %w", ErrOutcomeUnknown)

	// ErrStorage: the log of this node cannot be written. If the entry may have reached the disk anyway, the error is
	// an ErrOutcomeUnknown as well.
	ErrStorage = errors.New("raft log cannot be written")

	// ErrClosed: the node is stopped or stopping.
	ErrClosed = errors.New("consensus is closed")

	// ErrTooLarge: the entry exceeds MaxEntry. Nothing was done.
	ErrTooLarge = errors.New("entry is too large")

	// ErrHasState: the node already belongs to a cluster and cannot start a new one.
	ErrHasState = errors.New("raft state exists already")
)

// NotLeaderError names the leader if it is known; otherwise both fields are empty.
type NotLeaderError struct{ LeaderID, LeaderAddr string }

func (e *NotLeaderError) Error() string {
	if e.LeaderID == "" {
		return "not the leader, and no leader is known"
	}
	return fmt.Sprintf("not the leader, which is %s at %s", e.LeaderID, e.LeaderAddr)
}

// Is makes errors.Is(err, ErrNotLeader) work.
func (e *NotLeaderError) Is(target error) bool { return target == ErrNotLeader }

// CorruptError says that the data on disk is damaged, and what the operator can do.
type CorruptError struct {
	Path string // file or directory
	Err  error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("raft data in %s is damaged: %v. To recover, if a majority of the other servers is healthy: stop "+
		"this node, move its data directory away and start it again; it fetches everything from the leader. If not: "+
		"restore the data directory from a backup, or put peers.json on the remaining servers", e.Path, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// storageError is the proposer's error for a failed log write.
type storageError struct {
	path    string
	err     error
	refused bool // certainly nothing reached the disk
}

func (e *storageError) Error() string { return fmt.Sprintf("%v: %s: %v", ErrStorage, e.path, e.err) }

func (e *storageError) Unwrap() []error {
	if e.refused {
		return []error{ErrStorage, e.err}
	}
	return []error{ErrStorage, e.err, ErrOutcomeUnknown}
}

// translate is the one table from raft's errors to this package's.
func (n *Node) translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, raft.ErrNotLeader), errors.Is(err, raft.ErrLeadershipTransferInProgress):
		return n.notLeader()
	case errors.Is(err, raft.ErrLeadershipLost), errors.Is(err, raft.ErrAbortedByRestore):
		return ErrLeadershipLost
	case errors.Is(err, raft.ErrRaftShutdown):
		return n.closedError()
	case errors.Is(err, raft.ErrCantBootstrap):
		return ErrHasState
	}
	return err
}

func (n *Node) notLeader() error {
	id, addr := n.Leader()
	if id == n.cfg.ID { // raft's report of our own election or defeat has not arrived yet
		id, addr = "", ""
	}
	return &NotLeaderError{LeaderID: id, LeaderAddr: addr}
}

// closedError returns the reason for which the node stopped itself, if there is one.
func (n *Node) closedError() error {
	if err := n.Err(); err != nil {
		return err
	}
	return ErrClosed
}
