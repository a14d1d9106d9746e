package command

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"testing"

	"dkron"
)

// layout1 is a state of layout 1. Jobs a, b and gone ran thirty times on 1 to 3 nodes and printed up to 9,251 bytes, in
// a cluster that keeps 12 executions of each. Then b was cleared and ran three times, gone was deleted, and a was
// started on two nodes.
func layout1(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "layout1.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAStateOfLayout1GoesOn(t *testing.T) {
	for name, open := range map[string]func(dir string) *fleet{
		"opened": func(dir string) *fleet {
			if err := os.WriteFile(filepath.Join(dir, "state.db"), layout1(t), 0o600); err != nil {
				t.Fatal(err)
			}
			return newFleet(t, dir)
		},
		"restored": func(dir string) *fleet {
			f, data := newFleet(t, dir), layout1(t)
			snapshot := binary.BigEndian.AppendUint64(nil, uint64(len(data)))
			snapshot = append(snapshot, data...)
			snapshot = binary.BigEndian.AppendUint32(snapshot, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
			if err := f.Restore(bytes.NewReader(snapshot)); err != nil {
				t.Fatal(err)
			}
			return f
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t.TempDir())
			defer func() { f.store.Close() }()
			index, err := f.store.Applied()
			if err != nil || f.store.Index().Len() != 3 {
				t.Fatalf("%d jobs, %v", f.store.Index().Len(), err)
			}
			f.index, f.now = index, noon.AddDate(0, 0, 1)
			wantOutputs(t, f, "a", 29, 29, 29, 28, 28, 27, 26, 26, 26, 25, 25, 24)
			f.end("a", 2, 5) // before the sweep has looked at anything
			f.run("b", 1, 7000)
			for range 3 {
				must[uint64](t, f.machine, new(Clean))
			}
			f.run("b", 1, 7000)
			if f.clean(); f.size().Output == 0 {
				t.Error("nothing of the old outputs is counted")
			}
			if wrong := f.wrong(true); wrong != "" {
				t.Error(wrong)
			}
			wantOutputs(t, f, "a", -1, -1, 29, 29, 29, 28, 28, 27, 26, 26, 26, 25)
			must[*dkron.Record](t, f.machine, &DeleteJob{Name: "a"})
			must[any](t, f.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 2}, TotalBytes: 8000}})
			f.clean()
			if wrong := f.wrong(true); wrong != "" || f.size().Output != 7000 {
				t.Errorf("%d bytes are held: %s", f.size().Output, wrong)
			}
		})
	}
}

// wantOutputs checks the newest executions of a job: by which of thirty rounds printed what they have, or -1 for 5 bytes.
func wantOutputs(t *testing.T, f *fleet, name string, rounds ...int) {
	t.Helper()
	var got, want []int
	for _, e := range f.history(name) {
		got = append(got, len(e.Output))
	}
	for _, i := range rounds {
		if i < 0 {
			want = append(want, 5)
		} else {
			want = append(want, i*i*11)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: outputs of %v bytes, want %v", name, got, want)
	}
}
