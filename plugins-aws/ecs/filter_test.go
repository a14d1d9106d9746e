package ecs

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron/plugins-aws/internal/awstest"
)

// deny refuses GetLogEvents from its nth call on.
func deny(s *awstest.Server, from int) {
	s.Break(func(operation string, n int) awstest.Kind {
		if operation == "GetLogEvents" && n >= from {
			return awstest.Deny
		}
		return awstest.Fine
	})
}

// What v4 documents as its rights has FilterLogEvents and not GetLogEvents.
func TestTheRightsOfV4AreEnoughForTheOutput(t *testing.T) {
	const lines = 2500
	seen := make(chan struct{})
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		for i := range lines {
			t.Print("%d", i)
		}
		<-seen
		go func() {
			time.Sleep(400 * time.Millisecond)
			t.Print("late")
			t.Print("later")
		}()
		return awstest.End{}
	})
	deny(s, 1)
	out := new(output)
	out.wrote = once(fmt.Sprintf("\n%d\n", lines-1), func() { close(seen) })
	e := newExecutor()
	e.limits.settle = 2 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // without output the task would wait for ever
	defer cancel()
	response, err := e.Execute(ctx, request(t, on(s)), out)
	var want strings.Builder
	for i := range lines {
		fmt.Fprintln(&want, i)
	}
	want.WriteString("late\nlater\n")
	if err != nil || response.Error != "" || out.String() != want.String() {
		t.Errorf("%+v, %v, %d bytes, want %d", response, err, len(out.String()), want.Len())
	}
	if n := s.Count("GetLogEvents"); n != 1 {
		t.Errorf("asked %d times for what was denied", n)
	}
}

func TestARightThatIsTakenAwayDoublesNoOutput(t *testing.T) {
	first := make(chan struct{})
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("one")
		t.Print("two")
		<-first
		t.Print("three")
		return awstest.End{}
	})
	out := new(output)
	out.wrote = once("two\n", func() {
		deny(s, 1)
		close(first)
	})
	response, err := newExecutor().Execute(t.Context(), request(t, on(s)), out)
	if err != nil || response.Error != "" || out.String() != "one\ntwo\nthree\n" || s.Count("FilterLogEvents") == 0 {
		t.Errorf("%+v, %v, output %q", response, err, out)
	}
}
