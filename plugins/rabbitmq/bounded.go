package rabbitmq

import (
	"errors"
	"net"
	"sync/atomic"
)

// bounded is a connection on which the other side can't say more than a broker has to say: the library would keep it all
// in memory.
type bounded struct {
	net.Conn
	read, written atomic.Int64 // bytes
}

const (
	// maxGreeting is how much a broker may say by itself: certificates, its properties, and that it lives.
	maxGreeting = 1 << 20
	// maxAnswer is how many bytes a broker may answer to one. Of a message that has no queue, all come back.
	maxAnswer = 4
)

var errBabbles = errors.New("the other side sends more than a broker has to say")

// Read reads within the bounds.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if b.read.Add(int64(n)) > maxGreeting+maxAnswer*b.written.Load() {
		return 0, errBabbles
	}
	return n, err
}

// Write writes, and notes how much.
func (b *bounded) Write(p []byte) (int, error) {
	b.written.Add(int64(len(p)))
	return b.Conn.Write(p)
}
