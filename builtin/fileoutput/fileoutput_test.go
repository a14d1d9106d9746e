package fileoutput

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
)

func result(ns int64, output string, config map[string]string) *plugin.ProcessRequest {
	return &plugin.ProcessRequest{JobName: "back/up", NodeName: "node1", StartedAt: time.Unix(0, ns), Output: []byte(output), Config: config}
}

const start = 1764405600000000001

func TestAnOutputIsAFileWithTheNameThatClientsKnow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing", "too")
	for _, forward := range []string{"", "true"} {
		resp, err := New("").Process(t.Context(), result(start, "a\nb\n", map[string]string{"log_dir": dir, "forward": forward}))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "1764405600000000001-node1.log")
		want := path
		if forward == "true" {
			want = ""
		}
		if string(resp.Output) != want {
			t.Errorf("forward %q: %q", forward, resp.Output)
		}
		data, err := os.ReadFile(path)
		if err != nil || string(data) != "a\nb\n" {
			t.Errorf("%q, %v", data, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o644 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	if left := names(t, dir); len(left) != 1 { // the second call replaced the file of the first
		t.Errorf("%v", left)
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestTwoOutputsOfOneNanosecondAreTwoFiles(t *testing.T) {
	dir := t.TempDir()
	p, config := New(""), map[string]string{"log_dir": dir}
	for _, text := range []string{"one", "two", "two"} {
		if _, err := p.Process(t.Context(), result(start, text, config)); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"1764405600000000001-node1-back_up.log", "1764405600000000001-node1.log"}) {
		t.Errorf("%v", got)
	}
}

func TestAWriteThatFailsIsAnErrorAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{blocked, filepath.Join(blocked, "below")} {
		if resp, err := New("").Process(t.Context(), result(start, "x", map[string]string{"log_dir": bad})); err == nil {
			t.Errorf("%s: %+v", bad, resp)
		}
	}
	taken := filepath.Join(dir, "1764405600000000001-node1.log") // the file can't be put in place
	if err := os.MkdirAll(filepath.Join(taken, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if resp, err := New("").Process(t.Context(), result(start, "x", map[string]string{"log_dir": dir})); err == nil {
		t.Errorf("%+v", resp)
	}
	if got := names(t, dir); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func TestNamesAreSafe(t *testing.T) {
	dir := t.TempDir()
	req := result(start, "x", map[string]string{"log_dir": filepath.Join(dir, "in")})
	req.NodeName = "../../etc/node 1\n"
	resp, err := New("").Process(t.Context(), req)
	if want := filepath.Join(dir, "in", "1764405600000000001-.._.._etc_node_1_.log"); err != nil || string(resp.Output) != want {
		t.Errorf("%s, %v", resp.Output, err)
	}
}

func TestTheOldestFilesGo(t *testing.T) {
	for key, want := range map[string][]int{"max_files=3": {7, 8, 9}, "max_size=30B": {7, 8, 9}, "max_age=150m": {7, 8, 9}, "": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		t.Run(key, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "theirs.log"), make([]byte, 100), 0o600); err != nil {
				t.Fatal(err)
			}
			config := map[string]string{"log_dir": dir}
			if name, value, ok := strings.Cut(key, "="); ok {
				config[name] = value
			}
			p := New("")
			for i := range 10 {
				if i < 9 {
					path := filepath.Join(dir, name(result(start+int64(i), "", nil), ""))
					at := time.Now().Add(time.Duration(i-9) * time.Hour)
					if err := errors.Join(os.WriteFile(path, make([]byte, 10), 0o600), os.Chtimes(path, at, at)); err != nil {
						t.Fatal(err)
					}
				} else if _, err := p.Process(t.Context(), result(start+9, "0123456789", config)); err != nil {
					t.Fatal(err)
				}
			}
			var left []string
			for _, i := range want {
				left = append(left, fmt.Sprintf("%d-node1.log", start+i))
			}
			if got := names(t, dir); !slices.Equal(got, append(left, "theirs.log")) {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestOnlyTheBaseDirectoryIsWrittenTo(t *testing.T) {
	base := t.TempDir()
	p := New(base)
	for dir, allowed := range map[string]bool{base: true, base + "/a/b": true, base + "/../x": false, base + "x": false, "/": false, "a": false} {
		config := map[string]string{"log_dir": dir}
		_, err := p.Process(t.Context(), result(start, "x", config))
		if (err == nil) != allowed || !allowed && !errors.Is(err, plugin.ErrUndeliverable) {
			t.Errorf("%s: %v", dir, err)
		}
		if found := p.Check(config); (len(found) == 0) != allowed {
			t.Errorf("%s: %+v", dir, found)
		}
	}
	if found := p.Check(map[string]string{"log_dir": "/elsewhere", "on": "node"}); len(found) > 0 { // that node has its own
		t.Errorf("%+v", found)
	}
	if resp, err := p.Process(t.Context(), result(start, "x", nil)); err != nil || filepath.Dir(string(resp.Output)) != base {
		t.Errorf("%+v, %v", resp, err)
	}
}

func TestOddKeysAreNamed(t *testing.T) {
	odd := map[string]string{"log_dir": "logs", "forward": "ja", "max_age": "1d", "max_files": "-1", "max_size": "5 apples"}
	var keys []string
	for _, p := range New("").Check(odd) {
		keys = append(keys, p.Key)
	}
	if want := []string{"forward", "log_dir", "max_age", "max_files", "max_size"}; !slices.Equal(keys, want) {
		t.Errorf("%v", keys)
	}
	for _, size := range []string{"5 gb", "512M", "1.5GB", "4096"} { // as mem_limit has it, and with a space
		fine := map[string]string{"log_dir": "/x", "forward": "1", "max_age": "24h", "max_files": "1", "max_size": size}
		if found := New("").Check(fine); len(found) > 0 {
			t.Errorf("%+v", found)
		}
	}
}

// pattern is an output that is made while it is read.
type pattern struct{ left int64 }

func (p *pattern) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), p.left)
	for i := range b[:n] {
		b[i] = byte('a' + (p.left-int64(i))%26)
	}
	p.left -= n
	return int(n), nil
}

func TestAWholeOutputIsWrittenWithoutHoldingIt(t *testing.T) {
	const size = 64 << 20
	dir := t.TempDir()
	req := result(start, "head and tail", map[string]string{"log_dir": dir})
	req.Open = func() (io.ReadCloser, error) { return io.NopCloser(&pattern{size}), nil }
	req.Size = size
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 2 { // the second finds the file of the first
		resp, err := New("").Process(t.Context(), req)
		if err != nil || filepath.Base(string(resp.Output)) != "1764405600000000001-node1.log" {
			t.Fatalf("%+v, %v", resp, err)
		}
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("it took %d bytes of memory", used)
	}
	f, err := os.Open(filepath.Join(dir, "1764405600000000001-node1.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if same, err := equal(f, &pattern{size}); !same || err != nil {
		t.Errorf("the file has another content: %v", err)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestAWriteEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	req := result(start, "", map[string]string{"log_dir": dir})
	req.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(&pattern{1 << 20}, readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }), &pattern{1 << 50})), nil
	}
	if _, err := New("").Process(ctx, req); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }
