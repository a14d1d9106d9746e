// Package identity knows which node and which cluster a data directory belongs to, and refuses nodes of other clusters.
//
// A cluster's id is made when the cluster is founded and is part of the replicated state. Every node also keeps it in a
// small file: an agent has no state, and a server can't read its own before it has started. See
// docs/adr/0017-cluster-identity.md.
package identity

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dkron"
)

// FileName is the name of the file in the data directory.
const FileName = "identity.json"

// unknownCluster is the former cluster of an agent that never learned its id.
const unknownCluster = "unknown"

// file is what is on disk.
type file struct {
	Node    string `json:"node_name"`
	Cluster string `json:"cluster_id,omitempty"`
	Former  string `json:"former_cluster_id,omitempty"` // left because of --accept-cluster; until another is found
	// Accepted says that --accept-cluster was given at the last start: it applies again only after a start without it.
	Accepted bool `json:"accept_cluster_used,omitempty"`
}

// Identity is what a data directory belongs to. All methods are safe for concurrent use; all are quick except those
// that write the file.
type Identity struct {
	path    string
	changed chan struct{} // capacity 1

	mu      sync.Mutex // guards what follows
	file    file
	saved   file          // as it is on disk
	leaning string        // the cluster that a node without one met first; not on disk
	founded bool          // this is a server of a cluster whose id it does not know yet
	learned chan struct{} // closed when founded ends; nil if it never was
}

// New returns an id for a new cluster: 128 random bits, in letters and digits that fit into a tag.
func New() string {
	var bits [16]byte
	_, _ = rand.Read(bits[:]) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits[:]))
}

// NameError says that a data directory belongs to another node.
type NameError struct{ Belongs, Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("this data directory belongs to %s; start with --node-name=%s, or give the node %s a --data-dir of its own",
		e.Belongs, e.Belongs, e.Name)
}

// Open reads the file in dir, if there is one. It writes nothing: Keep does, once the directory is known to belong to
// the node. The error is a *NameError if the directory belongs to another node.
func Open(dir, node string) (*Identity, error) {
	i := &Identity{path: filepath.Join(dir, FileName), changed: make(chan struct{}, 1)}
	data, err := os.ReadFile(i.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read the identity of this node: %w", err)
	default:
		if err := json.Unmarshal(data, &i.file); err != nil {
			return nil, fmt.Errorf("%s is damaged: %w; remove it: the node then takes its name from --node-name, and "+
				"the cluster from its state, or on an agent from the first leader that it meets", i.path, err)
		}
	}
	i.saved = i.file
	if i.file.Node != "" && i.file.Node != node {
		return nil, &NameError{Belongs: i.file.Node, Name: node}
	}
	i.file.Node = node
	return i, nil
}

// Recorded reports whether the data directory named its node when it was opened.
func (i *Identity) Recorded() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.saved.Node != ""
}

// Keep writes the file. If accept is true the node may leave its cluster for the next one that it meets; Keep then
// returns the cluster that it has left. That happens once: while accept is true at each start, only the first one
// counts.
func (i *Identity) Keep(accept bool) (left string, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	next := i.file
	if accept && !i.file.Accepted {
		if left = next.Cluster; left == "" {
			left = unknownCluster
		}
		next.Former, next.Cluster = left, ""
	}
	next.Accepted = accept
	return left, i.write(next)
}

// Cluster returns the id of this node's cluster, empty if it has none yet or does not know it.
func (i *Identity) Cluster() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.cluster()
}

func (i *Identity) cluster() string {
	if i.file.Cluster != "" {
		return i.file.Cluster
	}
	return i.leaning
}

// Kept returns the id on disk, or the one that could not be written.
func (i *Identity) Kept() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.file.Cluster
}

// Former returns the cluster that this node was told to leave, "" if there is none or another has been found.
func (i *Identity) Former() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.file.Former
}

// Changed holds a token when Cluster may return something else.
func (i *Identity) Changed() <-chan struct{} { return i.changed }

// Begin sets what a server's data says at its start: whether the server has been part of a cluster, and that cluster's
// id if its state has one. A server without such data belongs to no cluster, whatever the file says.
func (i *Identity) Begin(hasState bool, id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	next := i.file
	switch {
	case id != "":
		next.Cluster = id
	case !hasState:
		next.Cluster = ""
	}
	if i.founded = hasState && next.Cluster == ""; i.founded {
		i.learned = make(chan struct{})
	}
	return i.write(next)
}

// Settle sets the cluster to id, because the state says so.
func (i *Identity) Settle(id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.file.Cluster == id {
		return nil
	}
	return i.take(id)
}

// Adopt sets the cluster of a node that has none. It returns an ErrForeign if the node belongs to another cluster, or
// to one whose id it does not know yet.
func (i *Identity) Adopt(id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	own := i.cluster()
	switch {
	case own != "" && own != id:
		return foreign(own, id)
	case id == "" || i.file.Cluster == id:
		return nil
	case i.founded:
		return dkron.Error(dkron.ErrForeign, "this server belongs to a cluster whose id it does not know yet; it can't tell whether that is %s", id)
	}
	return i.take(id)
}

// Lean commits a node without a cluster to the one with this id until the process ends or another one is settled.
func (i *Identity) Lean(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.cluster() == "" && !i.founded {
		i.leaning = id
		i.notify()
	}
}

// Founded reports whether this is a server of a cluster whose id it does not know yet.
func (i *Identity) Founded() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.founded
}

// awaitLimit is how long Await waits, and so how long the first start after an upgrade may take longer.
const awaitLimit = 5 * time.Second

// Await waits, not long, until Founded is false. Before that, this node could not tell its own cluster from another.
func (i *Identity) Await(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, awaitLimit)
	defer cancel()
	i.mu.Lock()
	founded, learned := i.founded, i.learned
	i.mu.Unlock()
	if !founded {
		return
	}
	select {
	case <-learned:
	case <-ctx.Done():
	}
}

// Check returns an ErrForeign if id is another cluster's. An empty id is accepted.
func (i *Identity) Check(id string) error {
	if own := i.Cluster(); own != "" && id != "" && own != id {
		return foreign(own, id)
	}
	return nil
}

func foreign(own, other string) error {
	return dkron.Error(dkron.ErrForeign, "cluster %s is another cluster than this node's, which is %s", other, own)
}

// take changes the cluster. If writing fails, the change still applies for as long as this process runs.
func (i *Identity) take(id string) error {
	next := i.file
	next.Cluster, next.Former = id, ""
	if i.founded {
		close(i.learned)
	}
	i.leaning, i.founded = id, false
	err := i.write(next)
	i.file = next
	i.notify()
	return err
}

func (i *Identity) notify() {
	select {
	case i.changed <- struct{}{}:
	default:
	}
}

// write replaces the file atomically: a crash leaves the old or the new one.
func (i *Identity) write(next file) error {
	if next == i.saved {
		i.file = next
		return nil
	}
	data, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(i.path, append(data, '\n')); err != nil {
		return fmt.Errorf("write the identity of this node: %w", err)
	}
	i.file, i.saved = next, next
	return nil
}

func replace(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
