package shell

import (
	"bytes"
	"io"
	"testing"
)

func TestPipedPayloadLargerThanAPipeIsFedWhileItIsRead(t *testing.T) {
	data := bytes.Repeat([]byte("x"), 1<<20)
	s, err := pipeStdin(data)
	if err != nil {
		t.Fatal(err)
	}
	stop := s.feed()
	got, err := io.ReadAll(s.child)
	stop()
	s.closeChildEnd()
	if err != nil || !bytes.Equal(got, data) {
		t.Fatal(len(got), err)
	}
}

func TestFeedingEndsWithoutAReader(t *testing.T) {
	s, err := pipeStdin(make([]byte, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer s.closeChildEnd()
	s.feed()() // would block for ever
}
