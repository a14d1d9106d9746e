// Package named reads a processor's file of named configurations: what servers it may use, and how it logs in there. Jobs
// refer to one by its name, so that no job has a secret in it. The file is read again when it has changed.
package named

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"dkron/internal/near"
	"dkron/plugin"
)

// maxSize is how many bytes a file may have.
const maxSize = 1 << 20

// Kind is what the files of a processor can have.
type Kind struct {
	Processor string   // the file is dkron-processor-NAME.yml
	Keys      []string // of an entry
	// Check returns the problems of an entry. With a Hopeless one it can't be used.
	Check func(values map[string]string) []plugin.Problem
}

// File is the file of a processor. It is safe for concurrent use.
type File struct {
	kind Kind
	dirs []string
	log  *slog.Logger

	mu      sync.Mutex // guards the rest
	read    stamp
	entries map[string]*entry
	err     error // why there are none
}

// entry is a named configuration, or why it can't be used.
type entry struct {
	values map[string]string
	err    error
}

// stamp shows whether the file is another one now.
type stamp struct {
	path     string
	modified time.Time
	size     int64
}

// Open returns the file of a processor in the first of the directories that has one, and logs what is wrong with it. The
// file may be missing, and come later.
func Open(kind Kind, dirs []string, log *slog.Logger) *File {
	f := &File{kind: kind, dirs: dirs, log: log}
	f.say(f.refresh())
	return f
}

// Name returns the name of the file.
func (f *File) Name() string { return "dkron-processor-" + f.kind.Processor + ".yml" }

// Entry returns the values of an entry, as the file has them now. The error says how to fix the file. The caller must not
// change the values.
func (f *File) Entry(name string) (map[string]string, error) {
	f.say(f.refresh())
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	e := f.entries[name]
	for other, candidate := range f.entries { // v4 knows no capitals in them
		if e == nil && strings.EqualFold(other, name) {
			e = candidate
		}
	}
	if e != nil {
		return e.values, e.err
	}
	names := slices.Sorted(maps.Keys(f.entries))
	hint := "it is empty"
	if meant := near.Nearest(name, names); meant != "" {
		hint = "did you mean " + meant + "?"
	} else if len(names) > 0 {
		hint = "it has " + strings.Join(names[:min(len(names), 10)], ", ")
	}
	return nil, fmt.Errorf("%s has no entry %s; %s", f.read.path, plugin.Shown(name), hint)
}

// say logs what was found in a file that was read.
func (f *File) say(found notes) {
	if found.path != "" {
		f.log.Info("configurations of a processor read", "processor", f.kind.Processor, "file", found.path, "entries", found.entries)
	}
	for _, text := range found.warnings {
		f.log.Warn(text)
	}
}

// notes is what is to be logged of a file.
type notes struct {
	path     string // if it was read
	entries  int
	warnings []string
}

// refresh reads the file if it is another one than at the last time.
func (f *File) refresh() (found notes) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, mode, err := f.find()
	if err == nil && now == f.read && now.path != "" {
		return found
	}
	was := f.err
	f.read, f.entries, f.err = now, nil, err
	if err == nil && now.path == "" {
		f.err = fmt.Errorf("there is no file %s in %s; create it there on each server", f.Name(), list(f.dirs))
		return found
	}
	if err == nil {
		f.entries, found.warnings, f.err = f.load(now.path)
		found.path, found.entries = now.path, len(f.entries)
		if mode.Perm()&0o004 != 0 && filepath.Separator == '/' {
			found.warnings = append(found.warnings, now.path+" can be read by everybody on this machine; if there is a password in it: chmod 640")
		}
	}
	if f.err != nil && (was == nil || was.Error() != f.err.Error()) {
		found.path = ""
		found.warnings = append(found.warnings, f.err.Error())
	}
	return found
}

// find returns the stamp of the first file that there is. Without one, its path is empty.
func (f *File) find() (stamp, fs.FileMode, error) {
	for _, dir := range f.dirs {
		for _, ext := range []string{".yml", ".yaml"} {
			path := filepath.Join(dir, strings.TrimSuffix(f.Name(), ".yml")+ext)
			info, err := os.Stat(path)
			switch {
			case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
				continue
			case err != nil:
				return stamp{}, 0, fmt.Errorf("%w; make it readable for the user of the agent", err)
			case info.Size() > maxSize:
				return stamp{}, 0, fmt.Errorf("%s has %d bytes; it can have %d", path, info.Size(), maxSize)
			}
			return stamp{path, info.ModTime(), info.Size()}, info.Mode(), nil
		}
	}
	return stamp{}, 0, nil
}

// load reads a file.
func (f *File) load(path string) (map[string]*entry, []string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; make it readable for the user of the agent", err)
	}
	return f.kind.parse(path, data)
}

// list returns names as words.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
