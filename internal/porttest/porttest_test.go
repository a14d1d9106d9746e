package porttest

import (
	"net"
	"testing"
)

func TestAPortIsFreeAndGivenOutOnce(t *testing.T) {
	seen := make(map[string]bool)
	for range 3 * blockSize { // of several blocks
		port := Port(t)
		if seen[port] {
			t.Fatal("given out twice: ", port)
		}
		seen[port] = true
	}
	addr := Addr(t)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}

func TestABlockBelongsToOneProcess(t *testing.T) {
	Port(t)
	addr := held.guards[0].Addr().String()
	if l, err := net.Listen("tcp", addr); err == nil {
		_ = l.Close()
		t.Error("another process could take the block too")
	}
}
