package cron

import (
	"strconv"
	"strings"
)

// hash is the number that replaces ~: the sum of the code points of the job's name.
// It is part of the language: another sum would move every job that uses ~.
func hash(name string) uint64 {
	var sum uint64
	for _, r := range name {
		sum += uint64(r)
	}
	return sum
}

// expand replaces ~ in one entry of a field's list. ~/n becomes a step that
// starts within the first n values, so that the job fires as often as with
// */n. For a step longer than the field the start is within the field.
func (f *field) expand(entry string, h uint64) string {
	if !strings.Contains(entry, "~") {
		return entry
	}
	if step, ok := strings.CutPrefix(entry, "~/"); ok {
		if n, err := strconv.ParseUint(step, 10, 63); err == nil && n > 0 {
			n = min(n, uint64(f.max-f.min+1))
			return strconv.FormatUint(uint64(f.min)+h%n, 10) + "/" + step
		}
	}
	number := strconv.FormatUint(uint64(f.min)+h%f.hashes, 10)
	return strings.ReplaceAll(entry, "~", number)
}
