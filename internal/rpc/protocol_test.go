package rpc

import (
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"dkron/internal/codec"
	"dkron/internal/compat"
)

// ahead is a request that a later version may send.
type ahead struct{ Name, Extra string }

func (a *ahead) Fields(w *codec.Wire) {
	w.String(1, &a.Name)
	w.Since(compat.Protocol + 1)
	w.String(2, &a.Extra)
}

func TestACallThatThisVersionCouldMisunderstandIsRefused(t *testing.T) {
	s := &services{id: nobody{}}
	for _, c := range []struct {
		name   string
		speaks string
		req    ahead
		want   string // of the refusal; empty: none
	}{
		{"a version before numbers", "", ahead{Name: "x"}, ""},
		{"this version", compat.Own().String(), ahead{Name: "x"}, ""},
		{"the next version", "1-2/0.2.0", ahead{Name: "x"}, ""},
		{"a version too far away", "8-9/9.0.0", ahead{}, "runs dkron 9.0.0 and speaks the protocols 8 to 9"},
		{"a new field of the next version", "1-2/0.2.0", ahead{Extra: "y"}, "upgrade it and try again"},
	} {
		sent, _ := metadata.FromOutgoingContext(withNeeds(metadata.AppendToOutgoingContext(t.Context(), speaksKey, c.speaks), &c.req))
		err := s.admit(metadata.NewIncomingContext(t.Context(), sent), "Set")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEveryCallAndAnswerSaysWhichProtocolsAreSpoken(t *testing.T) {
	sent, _ := metadata.FromOutgoingContext(withCluster(t.Context(), nobody{}))
	answered := (&services{id: nobody{}}).header()
	if own := compat.Own().String(); first(sent, speaksKey) != own || first(answered, speaksKey) != own {
		t.Errorf("sent %v, answered %v", sent, answered)
	}
}
