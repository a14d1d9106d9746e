package keyring

import "dkron/internal/codec"

// Act is what is done with a key.
type Act string

// The acts.
const (
	List    Act = "list"    // nothing is changed
	Install Act = "install" // the node decrypts with the key from then on
	Use     Act = "use"     // the node encrypts with the key from then on
	Remove  Act = "remove"  // the node no longer decrypts with the key
)

// Request asks a server to do something with a key on all nodes.
type Request struct {
	Act   Act
	Key   []byte // that is to be installed: 16, 24 or 32 bytes
	ID    string // of the key that is to be used or removed; see ID
	Force bool   // although not all nodes can be asked, or have the key
}

// Fields describes the wire form.
func (r *Request) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Text(w, 1, &r.Act)
	w.Bytes(2, &r.Key)
	w.String(3, &r.ID)
	w.Bool(4, &r.Force)
}

// Report is what came of a Request.
type Report struct {
	ID    string // of the key
	Nodes []NodeKeys
}

// Fields describes the wire form.
func (r *Report) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &r.ID)
	codec.List(w, 2, &r.Nodes)
}

// Problems counts the nodes that have not done what was asked.
func (r *Report) Problems() (n int) {
	for _, one := range r.Nodes {
		if one.Error != "" {
			n++
		}
	}
	return n
}

// NodeKeys is the keys of a node after a Request.
type NodeKeys struct {
	Node  string
	IDs   []string // the first encrypts, all decrypt; empty if they are not known
	Error string   // why the node has not done what was asked
}

// Fields describes the wire form.
func (n *NodeKeys) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &n.Node)
	w.Strings(2, &n.IDs)
	w.String(3, &n.Error)
}

// Change asks one node to do something with a key.
type Change struct {
	Act    Act
	ID     string // of the key
	Sealed []byte // the key that is to be installed, sealed with one that the node has
}

// Fields describes the wire form.
func (c *Change) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Text(w, 1, &c.Act)
	w.String(2, &c.ID)
	w.Bytes(3, &c.Sealed)
}

// Keys is the ids of a node's keys. The first encrypts, all decrypt.
type Keys struct{ IDs []string }

// Fields describes the wire form.
func (k *Keys) Fields(w *codec.Wire) {
	w.Since(2)
	w.Strings(1, &k.IDs)
}
