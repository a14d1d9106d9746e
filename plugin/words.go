package plugin

import (
	"strconv"
	"strings"
	"time"
)

// InWords writes a duration for people: "5 s", "1 min 30 s", "250 ms".
func InWords(d time.Duration) string {
	if d < 0 {
		return "-" + InWords(-d)
	}
	d = d.Round(time.Millisecond)
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	var parts []string
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, " h"}, {time.Minute, " min"}} {
		if n := d / u.size; n > 0 {
			parts = append(parts, strconv.FormatInt(int64(n), 10)+u.name)
		}
		d %= u.size
	}
	if d > 0 {
		parts = append(parts, strconv.FormatFloat(d.Seconds(), 'f', -1, 64)+" s")
	}
	return strings.Join(parts, " ")
}
