package dispatch

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

func TestOutputOfWhatRunsCanBeRead(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Retries = 1 })
		w.run("job", "n1")
		o := n.ordered()[0]
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Data: []byte("one ")}}})
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Offset: 4, Data: []byte("two")}}})
		read := func() string {
			synctest.Wait()
			c := w.live.Output([]dkron.ExecutionKey{o.Key, {Launch: 99}}, nil)
			if len(c) == 0 {
				return ""
			}
			return string(c[0].Data)
		}
		if got := read(); got != "one two" {
			t.Fatalf("%q", got)
		}
		n.end(o, dkron.Failed)
		pass(2 * time.Second)
		if got := read(); got != "" {
			t.Fatalf("the retry begins with the output of the first attempt: %q", got)
		}
		retry := n.ordered()[1]
		n.end(retry, dkron.Success)
		pass(time.Second)
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Data: []byte("late")}}})
		if got := read(); got != "" {
			t.Errorf("output that came after the end stays: %q", got)
		}
		w.run("job", "n1")
		o = n.ordered()[2]
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Data: []byte("x")}}})
		if read() != "x" {
			t.Error("no output")
		}
		w.depose()
		if read() != "" {
			t.Error("output outlives the term")
		}
	})
}

func TestLiveOutputIsBounded(t *testing.T) {
	l := NewLive()
	k := dkron.ExecutionKey{Launch: 1}
	l.open(k, 1)
	var all []byte
	for n := 0; len(all) < 3*maxLivePerExecution; n++ {
		data := fmt.Appendf(nil, "%d ", n)
		data = bytes.Repeat(data, 1000)
		all = append(all, data...)
		l.add(&dkron.Chunk{Key: k, Attempt: 1, Offset: uint64(len(all) - len(data)), Data: data})
	}
	if c := l.Output([]dkron.ExecutionKey{k}, nil); len(c) != 1 || len(c[0].Data) != maxLivePerExecution || !bytes.HasSuffix(all, c[0].Data) {
		t.Fatal("what is kept is not the end")
	}
	// Very many with a little each, which then all write more.
	const count = 2000
	for n := range uint64(count) {
		l.open(dkron.ExecutionKey{Launch: 2 + n}, 1)
	}
	for i := range uint64(3) {
		for n := range uint64(count) {
			l.add(&dkron.Chunk{Key: dkron.ExecutionKey{Launch: 2 + n}, Attempt: 1, Offset: i * 32 << 10, Data: make([]byte, 32<<10)})
		}
	}
	sum := 0
	for _, s := range l.texts {
		if s != nil {
			sum += len(s.data)
		}
	}
	if sum > maxLive || sum != l.total || sum < maxLive/2 {
		t.Fatalf("%d bytes are held, counted as %d, allowed are %d", sum, l.total, maxLive)
	}
	l.drop(k)
	for n := range uint64(count) {
		l.drop(dkron.ExecutionKey{Launch: 2 + n})
	}
	if l.total != 0 || len(l.texts) != 0 {
		t.Fatalf("%d bytes and %d entries remain", l.total, len(l.texts))
	}
}

func TestLiveOutputHasNoHoleAndNothingTwice(t *testing.T) {
	l := NewLive()
	k := dkron.ExecutionKey{Launch: 1}
	l.open(k, 1)
	add := func(offset uint64, text string) {
		l.add(&dkron.Chunk{Key: k, Attempt: 1, Offset: offset, Data: []byte(text)})
	}
	want := func(from, offset uint64, text string) {
		t.Helper()
		c := l.Output([]dkron.ExecutionKey{k}, []uint64{from})
		switch {
		case text == "" && len(c) == 0:
		case len(c) != 1 || c[0].Offset != offset || string(c[0].Data) != text:
			t.Errorf("from %d: %+v, want %q at %d", from, c, text, offset)
		}
	}
	add(0, "abc")
	add(3, "def")
	add(0, "abcdef") // a node that has attached again sends what it has
	add(4, "efg")
	want(0, 0, "abcdefg")
	want(5, 5, "fg")
	want(7, 0, "")
	want(99, 0, "")
	l.add(&dkron.Chunk{Key: k, Attempt: 2, Offset: 7, Data: []byte("of another attempt")})
	want(0, 0, "abcdefg")
	add(20, "xyz") // what came between was too much to send
	want(0, 20, "xyz")
	want(22, 22, "z")
}
