package standing

import "testing"

func TestABellWakesAllWhoListenOnce(t *testing.T) {
	var b Bell
	b.Ring() // nobody listens
	first, second := b.Next(), b.Next()
	select {
	case <-first:
		t.Error("an old ring is heard")
	default:
	}
	b.Ring()
	<-first
	<-second
	select {
	case <-b.Next():
		t.Error("a ring is heard twice")
	default:
	}
}
