package contract

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatTheFilesProcessorWrites(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		dir, err := os.MkdirTemp("", "dkron-contract-files-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		for n, forward := range map[string]string{"replaced": "false", "kept": "t"} {
			s.create(n, shell("echo out; exit 3").with(job{"processors": job{"files": job{"log_dir": dir, "forward": forward}}}))
			s.run(n)
			e := s.finished(n, 1)[0]
			path := filepath.Join(dir, fmt.Sprintf("%d-%s.log", e.StartedAt.UnixNano(), e.NodeName))
			s.until("the file is there", func() bool {
				data, err := os.ReadFile(path)
				return err == nil && string(data) == "exit status 3\nout\n"
			})
			want := path
			if forward == "t" {
				want = "exit status 3\nout\n"
			}
			s.until("the output is as forward says", func() bool { return s.finished(n, 1)[0].Output == want })
			if e = s.finished(n, 1)[0]; e.Success {
				t.Error("the outcome was changed")
			}
		}
		s.get(s.path("kept", "/processors")).want(200).wantHeader("X-Total-Count", "1")
		s.get(s.path("none", "/processors")).wantEmpty(404)
	})
}

func TestTheLogProcessorLeavesItsPlaceholder(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("echo out").with(job{"processors": job{"log": job{}}}))
		s.run("a")
		s.until("the output is replaced", func() bool { return s.finished("a", 1)[0].Output == "Output in dkron log" })
		s.create("b", shell("echo out").with(job{"processors": job{"no-such": job{}}}))
		s.run("b")
		s.until("an unknown one is counted", func() bool {
			return strings.Contains(s.get(s.path("b", "/processors")).body, `"failed":1`)
		})
		if e := s.finished("b", 1)[0]; e.Output != "out\n" {
			t.Errorf("%q", e.Output)
		}
	})
}

// A long output is whole on the node that ran it, and head and tail in the history.
func TestAProcessorOnTheNodeGetsTheWholeOutput(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		dir, err := os.MkdirTemp("", "dkron-contract-files-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		s.create("a", shell("seq 1 100000; exit 3").with(job{"processors": job{"files": job{"log_dir": dir, "on": "node"}}}))
		s.run("a")
		e := s.finished("a", 1)[0]
		path := filepath.Join(dir, fmt.Sprintf("%d-%s.log", e.StartedAt.UnixNano(), e.NodeName))
		s.until("the output is the path", func() bool { return s.finished("a", 1)[0].Output == path })
		data, err := os.ReadFile(path)
		if text := string(data); err != nil || len(text) != len("exit status 3\n")+588_895 || !strings.HasPrefix(text, "exit status 3\n1\n2\n") || !strings.HasSuffix(text, "\n100000\n") {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		if got := s.get(s.path("a", "/processors")).body; !strings.Contains(got, `"name":"files","on":"node","delivered":1`) {
			t.Errorf("%s", got)
		}
	})
}
