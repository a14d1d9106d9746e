//go:build clockshift

package clock

import (
	"fmt"
	"os"
	"time"
)

// shiftFile is the environment variable that names the file which shifts the clock of this process: how far it is
// ahead, as a Go duration, optionally followed by the seconds that it gains per second since the process started, as a
// number. Negative values shift back and lose time. The file is read at each call; without it the clock is right.
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
