package command

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/state"
)

func TestAnAuthorityIsReplacedOnlyByWhoHasSeenIt(t *testing.T) {
	m := newMachine(t, t.TempDir())
	first := &SetAuthority{Certificate: []byte("one"), Join: []byte("join"), Sealed: []byte("key")}
	for _, c := range []struct {
		name string
		cmd  Command
		kind error // nil: it is applied
		want state.Trust
	}{
		{"nobody is expelled without an authority", &Expel{Node: "a"}, dkron.ErrConflict, state.Trust{}},
		{"nothing is strict without one", &SetAuthority{Strict: true}, dkron.ErrConflict, state.Trust{}},
		{"the first", first, nil, state.Trust{Authority: []byte("one"), Join: []byte("join"), Sealed: []byte("key")}},
		{"the same again", first, dkron.ErrConflict, state.Trust{Authority: []byte("one"), Join: []byte("join"), Sealed: []byte("key")}},
		{"strict", &SetAuthority{Replaces: []byte("one"), Strict: true}, nil, state.Trust{Authority: []byte("one"), Join: []byte("join"), Sealed: []byte("key"), Strict: true}},
		{"another one, which stays strict", &SetAuthority{Certificate: []byte("two"), Replaces: []byte("one")}, nil, state.Trust{Authority: []byte("two"), Strict: true}},
		{"expelled", &Expel{Node: "b"}, nil, state.Trust{Authority: []byte("two"), Strict: true, Expelled: []string{"b"}}},
		{"one more, in order", &Expel{Node: "a"}, nil, state.Trust{Authority: []byte("two"), Strict: true, Expelled: []string{"a", "b"}}},
		{"twice", &Expel{Node: "a"}, nil, state.Trust{Authority: []byte("two"), Strict: true, Expelled: []string{"a", "b"}}},
		{"let in again", &Expel{Node: "a", Readmit: true}, nil, state.Trust{Authority: []byte("two"), Strict: true, Expelled: []string{"b"}}},
		{"who is not expelled", &Expel{Node: "a", Readmit: true}, dkron.ErrNotFound, state.Trust{Authority: []byte("two"), Strict: true, Expelled: []string{"b"}}},
	} {
		err, _ := m.apply(c.cmd)[0].(error)
		got, readErr := m.store.Trust()
		if !errors.Is(err, c.kind) || readErr != nil || !equal(got, &c.want) {
			t.Errorf("%s: %v, %v, %+v", c.name, err, readErr, got)
		}
	}
}

func equal(a, b *state.Trust) bool {
	return bytes.Equal(a.Authority, b.Authority) && bytes.Equal(a.Join, b.Join) && bytes.Equal(a.Sealed, b.Sealed) && a.Strict == b.Strict && slices.Equal(a.Expelled, b.Expelled)
}

func TestServersLearnOfTheAuthorityWithTheCommitAndWithASnapshot(t *testing.T) {
	var seen []string
	open := func() (*state.Store, *Machine) {
		st, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Observer{Trusted: func(tr *state.Trust) { seen = append(seen, string(tr.Authority)) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		return st, NewMachine(st, slog.New(slog.DiscardHandler), func(err error) { t.Fatal(err) })
	}
	_, m := open()
	m.Apply([]Entry{{Index: 5, Data: Encode(&Pause{Paused: true})}})
	m.Apply([]Entry{{Index: 6, Data: Encode(&SetAuthority{Certificate: []byte("one")})}})
	if strings.Join(seen, " ") != "one" {
		t.Errorf("after the commit: %q", seen)
	}
	snapshot, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	var data bytes.Buffer
	if _, err := snapshot.WriteTo(&data); err != nil {
		t.Fatal(err)
	}
	other, n := open()
	if err := n.Restore(&data); err != nil {
		t.Fatal(err)
	}
	if tr, err := other.Trust(); err != nil || tr.Version != 6 || strings.Join(seen, " ") != "one one" {
		t.Errorf("after the snapshot: %+v, %v, %q", tr, err, seen)
	}
}
