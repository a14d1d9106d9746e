// Package porttest finds ports for tests that must know an address before something listens there.
//
// A port that the kernel chose and that was closed again may be gone a moment later: an outgoing connection takes it, or
// another test that asked for any port. The ports from here are below the range from which the kernel chooses (32768 and
// above on Linux), and each process has blocks of its own.
package porttest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Ports come in blocks. A process holds a block by listening on its first port until it ends.
const (
	firstPort  = 10000
	blockSize  = 100
	blockCount = 220
)

var held struct {
	sync.Mutex
	guards []net.Listener // each on the first port of a block; kept so that it is not closed
	left   []int          // not given out yet
	used   []int          // given out, in this order; used again when no block is left
}

// Port returns a port of 127.0.0.1 on which nothing listens, for TCP and UDP. It gives out each port once, as long as
// there are others.
func Port(t testing.TB) string {
	t.Helper()
	port, err := next()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Addr returns 127.0.0.1 with a port as [Port] finds it.
func Addr(t testing.TB) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", Port(t))
}

// Several returns so many ports, for where there is no test, as in TestMain.
func Several(n int) (ports []string, err error) {
	for range n {
		port, err := next()
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

func next() (string, error) {
	held.Lock()
	defer held.Unlock()
	for range blockCount * blockSize {
		if len(held.left) == 0 && !hold() {
			held.left, held.used = held.used, nil
		}
		if len(held.left) == 0 {
			break
		}
		port := held.left[0]
		held.left, held.used = held.left[1:], append(held.used, port)
		if free(port) {
			return strconv.Itoa(port), nil
		}
	}
	return "", errors.New("no free port found")
}

// hold takes a block that no other process has.
func hold() bool {
	start := rand.IntN(blockCount)
	for i := range blockCount {
		first := firstPort + (start+i)%blockCount*blockSize
		guard, err := net.Listen("tcp", local(first))
		if err != nil {
			continue
		}
		held.guards = append(held.guards, guard)
		for port := first + 1; port < first+blockSize; port++ {
			held.left = append(held.left, port)
		}
		return true
	}
	return false
}

func free(port int) bool {
	l, err := net.Listen("tcp", local(port))
	if err != nil {
		return false
	}
	defer l.Close()
	p, err := net.ListenPacket("udp", local(port))
	if err != nil {
		return false
	}
	_ = p.Close()
	return true
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
