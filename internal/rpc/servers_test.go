package rpc

import (
	"context"
	"errors"
	"slices"
	"testing"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/roster"
)

const nowhere = "127.0.0.1:1"

// region returns the region "r" with a server called fake at addr, and others that are no use.
func region(t *testing.T, addr string) *Region {
	t.Helper()
	members := new(roster.Roster)
	member := func(name, region, addr string, server bool, status roster.Status) roster.Member {
		return roster.Member{Name: name, Status: status, Tags: roster.Self{Region: region, RPCAddr: addr, Server: server}.Tags()}
	}
	members.Set([]roster.Member{
		member("fake", "r", addr, true, roster.Alive), member("b", "r", nowhere, true, roster.Alive), member("agent", "r", nowhere, false, roster.Alive),
		member("gone", "r", nowhere, true, roster.Failed), member("other", "q", nowhere, true, roster.Alive),
	})
	p := NewPool(nobody{}, nil)
	t.Cleanup(p.Close)
	return NewRegion(p, roster.NewView(members, "r", func(roster.Member) bool { return false }))
}

func TestAServerIsCalledWhereGossipSawItLast(t *testing.T) {
	f := new(fake)
	_, addr := serve(t, f, false)
	r := region(t, addr)
	if got := r.Names(); !slices.Equal(got, []string{"b", "fake"}) {
		t.Errorf("live servers: %v", got)
	}
	if got, err := r.Report(t.Context(), roster.Server{ID: "fake", Address: nowhere}); err != nil || got.Term != 3 {
		t.Errorf("a report: %+v, %v", got, err)
	}
	a, err := r.Send(t.Context(), "fake", &HTTPRequest{Method: "GET", URI: "/"})
	if err != nil {
		t.Fatal(err)
	}
	if part, err := a.Recv(); err != nil || part.Status != aPart.Status {
		t.Errorf("an answer: %+v, %v", part, err)
	}
}

func TestAServerThatIsNotKnownYetIsCalledWhereItIsSaidToBe(t *testing.T) {
	f := new(fake)
	_, addr := serve(t, f, false)
	r := region(t, nowhere)
	if got, err := r.Status(t.Context(), "fake", addr); err != nil || got.Applied != 7 {
		t.Errorf("status: %+v, %v", got, err)
	}
	got, err := r.Ask(t.Context(), roster.Server{ID: "fake", Address: addr}, roster.Propose("n1", []roster.Server{{ID: "a", Address: "x"}}))
	if err != nil || !got.Granted || f.last() != "ProposeFounding {Coordinator:n1 IDs:[a] Addresses:[x]}" {
		t.Errorf("a proposal: %+v, %v; asked %s", got, err, f.last())
	}
	if got, err := r.Ask(t.Context(), roster.Server{ID: "another", Address: addr}, Proposal{}); err == nil || got.Granted {
		t.Errorf("another node answers in its place: %+v", got)
	}
}

// held is the live output of the server itself.
type held string

func (h held) Output([]dkron.ExecutionKey, []uint64) []dkron.Chunk {
	return []dkron.Chunk{{Data: []byte(h)}}
}

func TestTheLeaderIsAskedUnlessThisServerLeads(t *testing.T) {
	f := new(fake)
	_, addr := serve(t, f, false)
	r := region(t, addr)
	leads := "fake"
	l := NewLeader(r, "self", func() (string, string) { return leads, nowhere }, held("own"))
	if index, err := l.LeaderApplied(t.Context()); err != nil || index != 7 {
		t.Errorf("applied %d, %v", index, err)
	}
	if got, err := l.RemovePeer(t.Context(), PeerRequest{ID: "x"}); err != nil || got.Note != "note" {
		t.Errorf("removed: %+v, %v", got, err)
	}
	if d, err := l.Remote(t.Context()); err != nil {
		t.Error(err)
	} else if _, index, err := d.Do(t.Context(), new(request.SetPaused)); err != nil || index != 42 {
		t.Errorf("done at %d, %v", index, err)
	}
	if got := l.Output(t.Context(), []dkron.ExecutionKey{aChunk.Key}, nil); len(got) != 1 || string(got[0].Data) != "x" {
		t.Errorf("its output: %+v", got)
	}
	for _, leads = range []string{"self", ""} {
		_, applied := l.LeaderApplied(t.Context())
		_, removed := l.RemovePeer(t.Context(), PeerRequest{ID: "x"})
		d, remote := l.Remote(t.Context())
		for _, err := range []error{applied, removed, remote} {
			if !errors.Is(err, dkron.ErrNoLeader) || d != nil {
				t.Errorf("%q leads: %v", leads, err)
			}
		}
		if got := l.Output(t.Context(), nil, nil); len(got) != 1 || string(got[0].Data) != "own" {
			t.Errorf("%q leads: %+v", leads, got)
		}
	}
	leads = "b" // it does not answer
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := l.Output(ctx, nil, nil); got != nil {
		t.Errorf("without an answer: %+v", got)
	}
}
