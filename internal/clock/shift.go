//go:build clockshift

package clock

import (
	"fmt"
	"os"
	"time"
)

// shiftFile names the file that sets the clock of this process: how far it is ahead, as a Go duration, and then,
// optionally, how many seconds it gains in each second since the process began, as a number. Negative values are behind
// and lose. It is read at every look at the clock; without it the clock is right.
const shiftFile = "DKRON_TEST_CLOCK_FILE"

var began = time.Now()

func wall(now time.Time) time.Time {
	var offset string
	var drift float64
	text, err := os.ReadFile(os.Getenv(shiftFile))
	if err == nil {
		_, _ = fmt.Sscan(string(text), &offset, &drift)
	}
	ahead, _ := time.ParseDuration(offset)
	return now.Round(0).UTC().Add(ahead + time.Duration(drift*float64(now.Sub(began))))
}
