package request

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"dkron"
)

func TestTheTableIsInOrderAndFindsEveryRequest(t *testing.T) {
	var names []string
	for k := range Kinds() {
		names = append(names, k.Name)
		r := k.New()
		found, ok := KindOf(r)
		if !ok || r.Name() != k.Name || found.Name != k.Name || reflect.TypeOf(r).Elem().Name() != k.Name {
			t.Errorf("the row of %s makes a %T named %s, and that finds %s", k.Name, r, r.Name(), found.Name)
		}
		if k.New() == r && reflect.TypeOf(r).Elem().Size() > 0 {
			t.Errorf("%s: New returns the same request twice", k.Name)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("not in order, or twice: %v", names)
	}
}

// Access control uses this. Decide here for each new request: may a client that can only read, run or write make it?
func TestWhatEachRequestTouchesAndHowLongItMayTake(t *testing.T) {
	want := map[string]struct {
		touches Touch
		limit   time.Duration
	}{
		"AckAlert":        {Run, usual},
		"AddSilence":      {Write, usual},
		"DeleteChannel":   {Admin, usual},
		"DeleteRule":      {Admin, usual},
		"EndSession":      {Read, usual}, // whoever reads may sign in, and sign out
		"EndSilence":      {Write, usual},
		"ResendMessage":   {Run, usual},
		"DeleteSecret":    {Admin, usual},
		"SetSecret":       {Admin, usual},
		"SetChannel":      {Admin, usual}, // it can send the servers' secrets anywhere
		"SetRule":         {Admin, usual},
		"TryChannel":      {Run, usual},
		"CheckIn":         {Run, usual},
		"ClearExecutions": {Write, usual},
		"Configure":       {Admin, usual},
		"CreateToken":     {Manage, usual},
		"DeleteJob":       {Write, usual},
		"DeletePolicy":    {Manage, usual},
		"DeleteToken":     {Manage, usual},
		"LaunchJob":       {Write, usual}, // an environment of one's choice changes what a command does
		"RerunLaunch":     {Run, usual},
		"RerunLaunches":   {Run, usual},
		"StopLaunches":    {Halt, usual},
		"StopRerun":       {Halt, usual},
		"OpenSession":     {Read, usual},
		"ReadIndex":       {Read, usual},
		"Restore":         {Write, 45 * time.Second},
		"RevertJob":       {Write, usual},
		"RunJob":          {Run, usual},
		"SetJob":          {Write, usual},
		"SetPaused":       {Admin, usual},
		"SetPolicy":       {Manage, usual},
		"Stop":            {Halt, usual},
		"ToggleJob":       {Write, usual},
	}
	for k := range Kinds() {
		w := want[k.Name]
		if k.Touches != w.touches || k.Limit != w.limit || k.New().Touches() != k.Touches {
			t.Errorf("%s touches %s within %s, want %s within %s", k.Name, k.Touches, k.Limit, w.touches, w.limit)
		}
		delete(want, k.Name)
	}
	for name := range want {
		t.Errorf("%s has no row in table.go", name)
	}
	if Read >= Halt || Halt >= Run || Run >= Write || Write >= Admin || Admin >= Manage {
		t.Error("touches are not in order")
	}
}

// doer answers with its fields.
type doer struct {
	reply Reply
	err   error
}

func (d doer) Do(context.Context, Request) (Reply, uint64, error) { return d.reply, 42, d.err }

func TestDoReturnsTheReplyOrTheError(t *testing.T) {
	want := &Stopped{Count: 3}
	if got, err := Do(t.Context(), doer{reply: want}, new(Stop)); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Do(t.Context(), doer{err: dkron.ErrPaused}, new(SetJob)); !errors.Is(err, dkron.ErrPaused) || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}
