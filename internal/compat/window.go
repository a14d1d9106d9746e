package compat

import (
	"fmt"
	"strconv"
	"strings"
)

// Window is the protocols that a node speaks, and its release. The zero Window is a version that announces nothing.
type Window struct {
	Oldest  uint64
	Newest  uint64
	Release string
}

// Own is what this build speaks.
func Own() Window { return Window{Oldest, Protocol, Release} }

// String is the form in which nodes announce it: 0-1/0.1.0.
func (w Window) String() string { return fmt.Sprintf("%d-%d/%s", w.Oldest, w.Newest, w.Release) }

// Parse reads what a node announces. What can't be read, or is not there, counts as a version that announces nothing.
func Parse(text string) Window {
	numbers, release, _ := strings.Cut(text, "/")
	low, high, _ := strings.Cut(numbers, "-")
	oldest, err1 := strconv.ParseUint(low, 10, 32)
	newest, err2 := strconv.ParseUint(high, 10, 32)
	if err1 != nil || err2 != nil || oldest > newest {
		return Window{}
	}
	return Window{oldest, newest, release}
}

// Meets reports whether two nodes have a protocol in common.
func (w Window) Meets(o Window) bool { return w.Oldest <= o.Newest && o.Oldest <= w.Newest }

// Check returns why who, which speaks w, can't work together with this build; nil if it can.
func (w Window) Check(who string) error {
	own := Own()
	if own.Meets(w) {
		return nil
	}
	older := who
	if w.Oldest > own.Newest {
		older = "this node"
	}
	return fmt.Errorf("%s %s, and this node %s: they have none in common. Upgrade %s, one release at a time", who, w.says(), own.says(), older)
}

func (w Window) says() string {
	if w.Release == "" {
		return "runs a version before protocols had numbers"
	}
	return fmt.Sprintf("runs dkron %s and speaks the protocols %d to %d", w.Release, w.Oldest, w.Newest)
}

// CheckAgreed returns why a server that speaks w can't be part of a cluster that has agreed on a protocol, by the release
// that wrote so; nil if it can.
func (w Window) CheckAgreed(who string, agreed uint64, by string) error {
	if agreed <= w.Newest {
		return nil
	}
	return fmt.Errorf("%s %s, but its cluster has agreed on protocol %d, with dkron %s: a downgrade is no longer possible. "+
		"Start dkron %s or newer on it", who, w.says(), agreed, by, by)
}
