package fileoutput

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// bounds is what a directory may hold; a zero field is no bound.
type bounds struct {
	age   time.Duration
	files int
	size  int64
}

// boundsOf returns the bounds of a configuration, and the problems of those that can't be read, which count as none.
func boundsOf(config map[string]string) (b bounds, bad []plugin.Problem) {
	say := func(key, right string) {
		bad = append(bad, plugin.Problem{Key: key, Text: "is " + plugin.Shown(config[key]) + ", which can't be read, so nothing is removed for it; write " + right})
	}
	var err error
	if text := config["max_age"]; text != "" {
		if b.age, err = time.ParseDuration(text); err != nil || b.age <= 0 {
			b.age = 0
			say("max_age", "a duration such as 720h")
		}
	}
	if text := config["max_files"]; text != "" {
		if b.files, err = strconv.Atoi(text); err != nil || b.files <= 0 {
			b.files = 0
			say("max_files", "a number such as 10000")
		}
	}
	if text := config["max_size"]; text != "" {
		if b.size, err = keys.Size(strings.ReplaceAll(text, " ", "")); err != nil { // as elsewhere, but a space may be in it
			b.size = 0
			say("max_size", "a size such as 500MB")
		}
	}
	return b, bad
}

// sweeps removes what directories may no longer hold.
type sweeps struct {
	mu   sync.Mutex // guards last
	last map[string]time.Time
}

// sweepPause is the pause between two looks at one directory: it may have very many files.
const sweepPause = time.Second

// ours is the names of files that the processor has written.
var ours = regexp.MustCompile(`^\d{10,20}-[A-Za-z0-9._-]+\.log$`)

// sweep removes the files of outputs that are beyond the bounds, without the one that was just written. A file that can't
// be removed is looked at again after the next output: nothing is lost by it.
func (s *sweeps) sweep(dir, newest string, b bounds) {
	if b == (bounds{}) || !s.turn(dir) {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	type file struct {
		name string
		at   time.Time
		size int64
	}
	var files []file
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !ours.MatchString(e.Name()) {
			continue
		}
		files = append(files, file{e.Name(), info.ModTime(), info.Size()})
		total += info.Size()
	}
	slices.SortFunc(files, func(x, y file) int { return cmp.Or(x.at.Compare(y.at), strings.Compare(x.name, y.name)) })
	left := len(files)
	for _, f := range files {
		old := b.age > 0 && time.Since(f.at) > b.age
		if !old && (b.files == 0 || left <= b.files) && (b.size == 0 || total <= b.size) {
			return
		}
		if f.name != newest && os.Remove(filepath.Join(dir, f.name)) == nil {
			left--
			total -= f.size
		}
	}
}

// turn reports whether it is time to look at a directory again.
func (s *sweeps) turn(dir string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.last[dir]) < sweepPause {
		return false
	}
	if s.last == nil || len(s.last) > 10_000 { // jobs choose the directories
		s.last = make(map[string]time.Time)
	}
	s.last[dir] = time.Now()
	return true
}
