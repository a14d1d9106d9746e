package cluster

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Ports are below the ephemeral range (32768 on Linux): a node that is down must find its port free when it comes back,
// and an outgoing connection could have taken an ephemeral one.
const (
	firstPort = 20000
	portCount = 12000
)

var ports = struct {
	sync.Mutex
	next int
}{next: rand.IntN(portCount)}

// FreePort returns an unused port that it has not returned before.
func FreePort(t testing.TB) int {
	ports.Lock()
	defer ports.Unlock()
	for range 2000 {
		port := firstPort + ports.next%portCount
		ports.next++
		if portFree(port) {
			return port
		}
	}
	t.Fatal("no free port found")
	return 0
}

func portFree(port int) bool {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	l.Close()
	p, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	p.Close()
	return true
}

func hostPort(host string, port int) string { return fmt.Sprintf("%s:%d", host, port) }
