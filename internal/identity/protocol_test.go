package identity

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/compat"
)

func TestANodeThatSpeaksNoCommonProtocolIsRefusedByName(t *testing.T) {
	count := 0
	var log strings.Builder
	nobody := func(string) bool { return false }
	g := NewGate(NewGuard(open(t, t.TempDir(), "n"), true, slog.New(slog.NewTextHandler(&log, nil)), func(string) { count++ }, nil), nobody, nobody)
	next := compat.Window{Oldest: compat.Protocol, Newest: compat.Protocol + 1, Release: "0.8.0"}
	far := compat.Window{Oldest: compat.Protocol + 1, Newest: compat.Protocol + 2, Release: "0.9.0"}
	for _, w := range []compat.Window{{}, compat.Own(), next} {
		must(t, g.Speak(ViaRPC, "a node at x", w))
		must(t, g.SpeakRaft("s2", w))
		must(t, g.Merge([]Peer{{Name: "s2", Server: true, Speaks: w}}))
	}
	for range 2 {
		for _, err := range []error{
			g.Speak(ViaRPC, "node s2", far), g.SpeakRaft("s2", far), g.Merge([]Peer{{Name: "s2", Server: true, Speaks: far}}),
			g.Raft(ServerCheck{Name: "s2", Speaks: far}),
		} {
			if !errors.Is(err, dkron.ErrForeign) || !strings.Contains(err.Error(), "s2 runs dkron 0.9.0") {
				t.Errorf("%v", err)
			}
		}
	}
	if count != 8 || strings.Count(log.String(), "level=WARN") != 2 || !strings.Contains(g.Notice(), "0.9.0") {
		t.Errorf("%d refusals, notice %q, log:\n%s", count, g.Notice(), log.String())
	}
	must(t, g.Merge([]Peer{{Name: "s2", Speaks: far}, {Name: "s3"}})) // the one that fits comes in, the other is a stranger
	if !g.Stranger(Peer{Name: "s2", Speaks: far}) || g.Stranger(Peer{Name: "s3"}) {
		t.Error("strangers are taken for what they are not")
	}
}

func TestAServerThatIsOlderThanWhatTheClusterAgreedOnIsRefusedByName(t *testing.T) {
	g := NewGuard(open(t, t.TempDir(), "n"), true, quiet, func(string) {}, func() (uint64, string) { return 1, "0.1.0" })
	must(t, g.SpeakRaft("s2", compat.Window{Newest: 1, Release: "0.1.0"}))
	must(t, g.Speak(ViaRPC, "an agent", compat.Window{})) // agents read no log
	err := g.SpeakRaft("s3", compat.Window{})
	if !errors.Is(err, dkron.ErrForeign) || !strings.Contains(err.Error(), "server s3 ") || !strings.Contains(err.Error(), "Start dkron 0.1.0 or newer on it") {
		t.Error(err)
	}
}
