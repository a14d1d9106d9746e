package spool

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

func open(t *testing.T, dir string, limit int64) *Spool {
	t.Helper()
	s, err := Open(dir, limit, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ref(job string) dkron.ExecutionRef {
	return dkron.ExecutionRef{JobName: job, Group: 1_700_000_000_000_000_000, Attempt: 1}
}

// ran keeps an output as an execution does.
func ran(s *Spool, job string, parts ...string) {
	w := s.Begin(ref(job))
	for _, p := range parts {
		w.Write([]byte(p))
	}
	w.End()
}

// text returns what is kept, or the error.
func text(t *testing.T, s *Spool, job string) string {
	t.Helper()
	size, err := s.Size(ref(job))
	if err != nil {
		return err.Error()
	}
	f, err := s.Open(ref(job))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || int64(len(data)) != size {
		t.Errorf("%s: %d bytes, the size is %d, %v", job, len(data), size, err)
	}
	return string(data)
}

func TestAnOutputIsKeptWholeUntilItIsDropped(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "made"), 1000)
	w := s.Begin(ref("a/ü"))
	w.Write([]byte("one "))
	if _, err := s.Size(ref("a/ü")); !errors.Is(err, ErrRuns) {
		t.Errorf("while it runs: %v", err)
	}
	w.Write([]byte("two"))
	w.End()
	if got := text(t, s, "a/ü"); got != "one two" || s.Bytes() != 7 {
		t.Errorf("%q, %d bytes", got, s.Bytes())
	}
	ran(s, "silent")
	for _, job := range []string{"b", "silent"} {
		if _, err := s.Size(ref(job)); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", job, err)
		}
	}
	s.Drop(ref("a/ü"))
	s.Drop(ref("a/ü"))
	if got := text(t, s, "a/ü"); got != ErrNone.Error() || s.Bytes() != 0 {
		t.Errorf("%q, %d bytes", got, s.Bytes())
	}
	left, err := os.ReadDir(s.dir)
	if err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestWhatIsDroppedWhileItRunsGoesWhenItEnds(t *testing.T) {
	s := open(t, t.TempDir(), 1000)
	w := s.Begin(ref("a"))
	w.Write([]byte("x"))
	s.Drop(ref("a"))
	w.Write([]byte("y"))
	w.End()
	ran(s, "b", "z")
	s.DropAll()
	if left, _ := os.ReadDir(s.dir); len(left) > 0 || s.Bytes() != 0 {
		t.Errorf("%v, %d bytes", left, s.Bytes())
	}
}

func TestOneOutputGetsHalfOfTheRoom(t *testing.T) {
	s := open(t, t.TempDir(), 1000)
	ran(s, "a", strings.Repeat("a", 400), strings.Repeat("b", 400), strings.Repeat("c", 400))
	if got, want := text(t, s, "a"), strings.Repeat("a", 400)+strings.Repeat("b", 100); got != want {
		t.Errorf("%d bytes are kept: %.20s", len(got), got)
	}
}

func TestTheOldestOfThoseThatEndedGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir(), 1000)
		running := s.Begin(ref("running"))
		running.Write(make([]byte, 300))
		for _, job := range []string{"first", "second", "third"} {
			ran(s, job, strings.Repeat("x", 300))
			time.Sleep(time.Second)
		}
		if text(t, s, "first") != ErrNone.Error() || len(text(t, s, "second")) != 300 || len(text(t, s, "third")) != 300 {
			t.Error("the first should have made room for the third, and no other")
		}
		two := s.Begin(ref("two"))
		two.Write(make([]byte, 500)) // for which second and third have to go
		running.Write(make([]byte, 400))
		two.End()
		running.End()
		if got := len(text(t, s, "running")); got != 500 || s.Bytes() != 1000 {
			t.Errorf("%d bytes of the one that ran, %d in all", got, s.Bytes())
		}
	})
}

func TestOutputsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1000)
	ran(s, "ended", "whole")
	w := s.Begin(ref("crashed"))
	w.Write([]byte("before"))
	w = s.Begin(ref("lost"))
	w.Write([]byte("all that is known"))

	s = open(t, dir, 1000)
	w = s.Begin(ref("crashed"))
	w.Write([]byte("after"))
	w.End()
	s.Begin(ref("lost")).End()
	if text(t, s, "ended") != "whole" || text(t, s, "crashed") != "before"+Resumed+"after" || text(t, s, "lost") != "all that is known" {
		t.Errorf("%q, %q, %q", text(t, s, "ended"), text(t, s, "crashed"), text(t, s, "lost"))
	}
	if want := int64(5 + 6 + 5 + 17 + len(Resumed)); s.Bytes() != want {
		t.Errorf("%d bytes, want %d", s.Bytes(), want)
	}
	if err := os.WriteFile(filepath.Join(dir, "theirs"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s = open(t, dir, 0); s.Bytes() != 0 { // the setting is lower now
		t.Errorf("%d bytes", s.Bytes())
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "theirs" {
		t.Errorf("%v", left)
	}
}

func TestAnExecutorsOwnOutputReplacesWhatWasWritten(t *testing.T) {
	s := open(t, t.TempDir(), 1000)
	w := s.Begin(ref("a"))
	w.Write(make([]byte, 600)) // more than is kept
	w.Replace([]byte("answer"))
	w.Write([]byte("s"))
	w.End()
	w = s.Begin(ref("b"))
	w.Replace([]byte("only"))
	w.End()
	if text(t, s, "a") != "answers" || text(t, s, "b") != "only" || s.Bytes() != 11 {
		t.Errorf("%q, %q, %d bytes", text(t, s, "a"), text(t, s, "b"), s.Bytes())
	}
}

func TestADiskThatIsFullStopsNoRun(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1000)
	if err := os.Symlink("/dev/full", s.path(nameOf(ref("full")))); err != nil {
		t.Fatal(err)
	}
	ran(s, "full", "lost", "too")
	if s.Bytes() != 0 {
		t.Errorf("%d bytes", s.Bytes())
	}
	s = open(t, filepath.Join(dir, "file", "below"), 1000)
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ran(s, "a", "x")
	if got := text(t, s, "a"); got != ErrNone.Error() {
		t.Errorf("%q", got)
	}
	var none *Writer
	none.Write([]byte("x"))
	none.Replace(nil)
	none.End()
}

func TestWhatNobodyDropsGoesWhenItIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir(), 1000)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		ran(s, "old", "x")
		w := s.Begin(ref("runs"))
		w.Write(bytes.Repeat([]byte("y"), 2))
		go s.Keep(ctx)
		time.Sleep(25 * time.Hour)
		ran(s, "young", "z")
		synctest.Wait()
		if s.Bytes() != 4 {
			t.Errorf("%d bytes after 25 h", s.Bytes())
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if text(t, s, "old") != ErrNone.Error() || text(t, s, "young") != "z" || text(t, s, "runs") != ErrRuns.Error() {
			t.Errorf("%q, %q, %q", text(t, s, "old"), text(t, s, "young"), text(t, s, "runs"))
		}
	})
}
