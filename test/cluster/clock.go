package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// SetClock makes the node's wall clock differ from this machine's by ahead, and gain drift seconds in each second that its
// process lives. It works with Config.Clocks, also before the node starts.
func (n *Node) SetClock(ahead time.Duration, drift float64) {
	n.c.t.Helper()
	temporary := n.clockFile() + ".new" // the node may read at any moment
	err := os.WriteFile(temporary, fmt.Appendf(nil, "%s %f", ahead, drift), 0o600)
	if err == nil {
		err = os.Rename(temporary, n.clockFile())
	}
	if err != nil {
		n.c.t.Fatal(err)
	}
	n.c.Event("the clock of %s is %s ahead, and gains %f", n.Name, ahead, drift)
}

func (n *Node) clockFile() string { return filepath.Join(n.dir, "clock") }
