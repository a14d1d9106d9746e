package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// SetClock sets the node's wall clock ahead of this machine's, with a gain of drift seconds per second of its process's
// life. It requires Config.Clocks, and also works before the node starts.
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
