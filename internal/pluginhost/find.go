package pluginhost

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Kind is what a plugin does.
type Kind string

// The kinds. A binary is of one kind, by its name.
const (
	Executor  Kind = "executor"
	Processor Kind = "processor"
)

const prefix = "dkron-"

// file is a plugin's binary.
type file struct {
	kind    Kind
	name    string
	path    string
	refused error // why it must not be started; nil if it may
}

// Dirs returns the folders that plugins are looked for in. configDir is that of the configuration file, empty if none is
// used; executable is the path of the running binary.
func Dirs(configDir, executable string) []string {
	dirs := []string{"/etc/dkron/plugins"}
	if configDir != "" {
		dirs[0] = filepath.Join(configDir, "plugins")
	}
	if executable == "" {
		return dirs
	}
	if target, err := filepath.EvalSymlinks(executable); err == nil {
		executable = target
	}
	return append(dirs, filepath.Dir(executable))
}

// find returns the plugins in folders, by kind and name. A later one replaces an earlier one of the same name.
func find(dirs []string) (found []file, problems []error) {
	at := make(map[string]int)
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("look for plugins in %s: %w", dir, err))
		}
		for _, e := range entries {
			kind, name, ok := parse(e.Name())
			if !ok || e.IsDir() {
				continue
			}
			f := file{kind: kind, name: name, path: filepath.Join(dir, e.Name())}
			f.refused = trust(f.path)
			key := string(kind) + "-" + name
			if i, ok := at[key]; ok {
				found[i] = f
				continue
			}
			at[key] = len(found)
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b file) int {
		return strings.Compare(string(a.kind)+a.name, string(b.kind)+b.name)
	})
	return found, problems
}

// parse splits a file's name: dkron-executor-my-thing.exe is the executor my-thing. Processors have files with servers and passwords,
// such as dkron-processor-email.yml, which may lie in a folder of plugins: no program.
func parse(base string) (Kind, string, bool) {
	rest, ok := strings.CutPrefix(base, prefix)
	if !ok {
		return "", "", false
	}
	if ext := filepath.Ext(base); ext == ".yml" || ext == ".yaml" {
		return "", "", false
	}
	kind, name, _ := strings.Cut(rest, "-")
	name = strings.TrimSuffix(name, ".exe")
	k := Kind(kind)
	return k, name, name != "" && (k == Executor || k == Processor)
}

// ProcessorName returns the name of the processor in a file, and false if its name is not that of one.
func ProcessorName(path string) (string, bool) {
	kind, name, ok := parse(filepath.Base(path))
	return name, ok && kind == Processor
}
