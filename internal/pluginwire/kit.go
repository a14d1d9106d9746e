package pluginwire

import "dkron/internal/codec"

// Nothing is an empty message.
type Nothing struct{}

// Fields describes the wire form.
func (*Nothing) Fields(*codec.Wire) {}

// Description is what a plugin says of itself.
type Description struct {
	Schema  []byte // JSON Schema of its configuration, empty if it does not describe it
	Version string // of the plugin, empty if it has none
	Checks  bool   // it serves Check
	Adopts  bool   // its work continues when the agent dies, and can be adopted
}

// Fields describes the wire form.
func (d *Description) Fields(w *codec.Wire) {
	w.Bytes(1, &d.Schema)
	w.String(2, &d.Version)
	w.Bool(3, &d.Checks)
	w.Bool(4, &d.Adopts)
}

// Configuration is to be checked.
type Configuration struct{ Config map[string]string }

// Fields describes the wire form.
func (c *Configuration) Fields(w *codec.Wire) { w.Map(1, &c.Config) }

// Problems is what a check has found.
type Problems struct{ Problems []Problem }

// Fields describes the wire form.
func (p *Problems) Fields(w *codec.Wire) { codec.List(w, 1, &p.Problems) }

// Problem is as in package plugin.
type Problem struct {
	Key      string
	Text     string
	Severity int
}

// Fields describes the wire form.
func (p *Problem) Fields(w *codec.Wire) {
	w.String(1, &p.Key)
	w.String(2, &p.Text)
	w.Num(3, &p.Severity)
}

// ToPlugin is what the agent sends during a Run: first what is to be done, then that a handle is in the journal, or that
// the work must end.
type ToPlugin struct {
	Request *ExecuteRequest
	Adopt   bool   // the work of Handle, which an earlier process has started
	Handle  []byte // with Adopt
	Stored  bool   // the handle that the plugin sent is in the journal
	Refused string // it is not, and why
	Stop    bool   // end the work; more may follow
	OnWish  bool   // with Stop: somebody has asked for it, otherwise the node is shutting down

	// Reported is, with Adopt, how many bytes of output the agent has already.
	Reported int64
}

// Fields describes the wire form.
func (m *ToPlugin) Fields(w *codec.Wire) {
	codec.Optional(w, 1, &m.Request)
	w.Bool(2, &m.Adopt)
	w.Bytes(3, &m.Handle)
	w.Bool(4, &m.Stored)
	w.String(5, &m.Refused)
	w.Bool(6, &m.Stop)
	w.Bool(7, &m.OnWish)
	w.Int(8, &m.Reported)
}

// FromPlugin is what a plugin sends during a Run: output, a handle, and at last the result.
type FromPlugin struct {
	Update  *StatusUpdate
	Started bool
	Handle  []byte // with Started
	Result  *ExecuteResponse
}

// Fields describes the wire form.
func (m *FromPlugin) Fields(w *codec.Wire) {
	codec.Optional(w, 1, &m.Update)
	w.Bool(2, &m.Started)
	w.Bytes(3, &m.Handle)
	codec.Optional(w, 4, &m.Result)
}
