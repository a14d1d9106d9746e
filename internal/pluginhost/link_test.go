//go:build unix

package pluginhost

import (
	"io"
	"net"
	"path/filepath"
	"testing"
)

// yamux prints each failed write. That a plugin has gone is no failure, and the reader learns of it.
func TestAWriteToAProcessThatHasGoneIsNoError(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ours, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	b := &bounded{Conn: ours}
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a read: %v", err)
	}
	for range 2 {
		if n, err := b.Write([]byte("abc")); n != 3 || err != nil {
			t.Errorf("a write: %d, %v", n, err)
		}
		_ = ours.Close()
	}
}
