package command

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"dkron/internal/codec"
	"dkron/internal/compat"
	"dkron/internal/state"
)

// extra is a field that a later version could have added to any command.
type extra struct{ text string }

func (e *extra) Fields(w *codec.Wire) { w.String(1000, &e.text) }

// later is an entry as a later version could write it: with a field more.
func later(c Command) []byte { return codec.Append(Encode(c), &extra{"x"}) }

func TestAnEntryOfALaterVersionStopsTheServer(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want string // empty: it goes on
	}{
		{"an unknown kind", []byte{99}, "log entry 7: kind 99 is not known to this version; run the version that wrote it"},
		{"an unknown kind that is optional", []byte{200}, ""},
		{"an unknown field", later(&Pause{Paused: true}), "log entry 7: kind 8: decode *command.Pause: field 1000 of command.Pause is not known"},
		{"an unknown field of an optional kind", later(&Clean{}), ""},
		{"a protocol that this version knows", Encode(&Agree{compat.Protocol, "0.1.0"}), ""},
		{"a later protocol", Encode(&Agree{compat.Protocol + 1, "9.0.0"}), "its cluster has agreed on protocol"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			got := ""
			func() {
				defer func() {
					if p := recover(); p != nil {
						got = fmt.Sprint(p)
					}
				}()
				NewMachine(st, slog.New(slog.DiscardHandler), func(err error) { panic(err) }).Apply([]Entry{{Index: 7, Data: c.data}})
			}()
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if index, _ := st.Applied(); c.want != "" && index != 0 {
				t.Errorf("something was applied: %d", index)
			}
		})
	}
}

func TestTheProtocolNeverGoesDownAndAnOlderVersionRefusesTheState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	st, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	agree := func(index, protocol uint64, by string) {
		t.Helper()
		err := st.Update(index, func(tx *state.Tx) error {
			_, err := (&Agree{protocol, by}).Apply(tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	agree(1, 1, "0.1.0")
	agree(2, 0, "0.0.1")
	if a, err := st.Agreed(); err != nil || a != (state.Agreement{Protocol: 1, By: "0.1.0"}) {
		t.Errorf("%+v, %v", a, err)
	}
	agree(3, compat.Protocol+1, "9.0.0") // by a later version
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Open(path); err == nil || !strings.Contains(err.Error(), "Start dkron 9.0.0 or newer on it") {
		t.Errorf("this version opens it: %v", err)
	}
}
