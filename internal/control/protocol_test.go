package control

import (
	"errors"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/request"
)

func TestNothingNewIsWrittenBeforeAllServersKnowIt(t *testing.T) {
	c, l := newControl(t)
	newer := &command.Agree{Protocol: 1, Release: "0.1.0"} // the first command that is not from the beginning
	for range 3 {
		_, _, err := c.propose(t.Context(), newer)
		if !errors.Is(err, dkron.ErrUnavailable) || !strings.Contains(err.Error(), "server s2 speaks protocol 0, and this needs 1") {
			t.Fatalf("while s2 is old: %v", err)
		}
	}
	if l.index != 0 || l.asked != 1 {
		t.Errorf("%d entries were written, and the servers asked %d times", l.index, l.asked)
	}
	c.refused.at = c.refused.at.Add(-2 * askAgain)
	l.lowest = 1
	for range 3 {
		if _, _, err := c.propose(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
	}
	agreed, err := c.state.Agreed()
	if err != nil || agreed.Protocol != 1 || l.asked != 2 {
		t.Errorf("agreed on %+v, %v, after %d questions", agreed, err, l.asked)
	}
	l.lowest = 0 // the state remembers
	if _, _, err := c.propose(t.Context(), newer); err != nil {
		t.Error(err)
	}
}

func TestWhatWasThereFromTheBeginningAsksNobody(t *testing.T) {
	c, l := newControl(t)
	if _, _, err := c.Do(t.Context(), &request.SetPaused{Paused: true}); err != nil || l.asked != 0 {
		t.Errorf("%v, after %d questions", err, l.asked)
	}
}
