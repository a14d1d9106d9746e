package gossip

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/memberlist"
)

// How gossip is encrypted when there are keys.
const (
	Require = "require" // it is, and nothing else is accepted; the default
	Send    = "send"    // it is, and what is not encrypted is accepted too
	Accept  = "accept"  // it is not, but what is encrypted is understood
)

// encrypted sets how a library that has keys uses them.
func encrypted(ml *memberlist.Config, mode string) error {
	switch mode {
	case "", Require:
	case Send:
		ml.GossipVerifyIncoming = false
	case Accept:
		ml.GossipVerifyIncoming, ml.GossipVerifyOutgoing = false, false
	default:
		return fmt.Errorf("unknown mode of encryption: %s", mode)
	}
	return nil
}

// SetKeys replaces the keys that gossip uses, while it runs. The first encrypts, all decrypt. Gossip that began without a key stays so.
func (p *Pool) SetKeys(keys [][]byte) error {
	if p.ring == nil || len(keys) == 0 {
		return errors.New("encryption of gossip can't begin or end while a node runs")
	}
	for _, k := range keys {
		if err := p.ring.AddKey(k); err != nil {
			return err
		}
	}
	if err := p.ring.UseKey(keys[0]); err != nil {
		return err
	}
	wanted := func(k []byte) bool {
		return slices.ContainsFunc(keys, func(w []byte) bool { return bytes.Equal(k, w) })
	}
	return drop(p.ring, func(k []byte) bool { return !wanted(k) })
}

// drop removes keys. The library removes a key within the list that others read at the same time, unless it is the last one: so
// the keys after it are taken out too, and added again.
func drop(ring *memberlist.Keyring, unwanted func([]byte) bool) error {
	keys := ring.GetKeys()
	first := slices.IndexFunc(keys, unwanted)
	if first < 0 {
		return nil
	}
	for i := len(keys) - 1; i >= first; i-- {
		if err := ring.RemoveKey(keys[i]); err != nil {
			return err
		}
	}
	for _, k := range keys[first:] {
		if !unwanted(k) {
			if err := ring.AddKey(k); err != nil {
				return err
			}
		}
	}
	return nil
}
