package config

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// withFiles adds a setting NAME-file after each one that may hold a secret: the path of a file that has its value.
func withFiles(rows []setting) (all []setting) {
	for _, s := range rows {
		all = append(all, s)
		if s.mask == nil || s.aliasOf != "" {
			continue
		}
		name, what := s.name, "the value of "+s.name
		if s.kind() == "list" {
			what = "the values of " + s.name + ", one a line; lines that begin with # count for nothing"
		}
		all = append(all, setting{
			name: name + "-file", group: s.group, fileOf: name, help: "File with " + what + ". Read at the start",
			field: func(c *Config) any { return c.file(name) },
		})
	}
	return all
}

func newFiles() map[string]*string {
	files := map[string]*string{}
	for _, s := range rows {
		files[s.name] = new(string)
	}
	return files
}

// file is where the path of a setting's file is kept.
func (c *Config) file(name string) *string {
	if p := c.files[name]; p != nil {
		return p
	}
	return new(string) // of an empty Config, in which nothing is read
}

// readSecrets puts the contents of files in the place of the settings that they are for. No message repeats them.
func readSecrets(found map[string]given, read Files) (warnings []string, err error) {
	var problems []error
	for i := range settings {
		s := &settings[i]
		g, ok := found[s.name]
		if s.fileOf == "" || !ok {
			continue
		}
		base := find(s.fileOf)
		if other, twice := found[base.name]; twice {
			problems = append(problems, fmt.Errorf("%s: %s is set too; leave one of them out", labelOf(s, g.origin), labelOf(base, other.origin)))
			continue
		}
		v, err := base.fromFile(g.value.text, read)
		if g.value.shape != isText {
			err = errors.New("want the path of a file")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", labelOf(s, g.origin), err))
			continue
		}
		found[base.name] = given{g.origin, v}
		if mode, open := readable(g.value.text); open {
			warnings = append(warnings, fmt.Sprintf("%s: all users of this machine can read %s (mode %04o), which has a secret; take that away, such as by chmod 600",
				labelOf(s, g.origin), g.value.text, mode))
		}
	}
	return warnings, errors.Join(problems...)
}

// fromFile reads the value of a setting from a file.
func (s *setting) fromFile(path string, read Files) (v value, err error) {
	data, err := read(path)
	if err != nil {
		return v, err
	}
	text := strings.TrimRight(string(data), "\r\n")
	if s.kind() != "list" {
		if strings.TrimSpace(text) == "" {
			return v, fmt.Errorf("%s is empty; it must have the value of %s", path, s.name)
		}
		return plain(text), nil
	}
	v.shape = isList
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		for _, element := range s.splitText(line) {
			v.items = append(v.items, plain(element))
		}
	}
	if len(v.items) == 0 {
		return v, fmt.Errorf("%s is empty; it must have the values of %s, one a line", path, s.name)
	}
	return v, nil
}

// readable reports whether all users of the machine may read a file.
func readable(path string) (mode os.FileMode, open bool) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" {
		return 0, false
	}
	mode = info.Mode().Perm()
	return mode, mode&0o004 != 0
}

// warnOfCommandLine warns of secrets that all users of the machine see in the list of processes.
func warnOfCommandLine(found map[string]given) (warnings []string) {
	for i := range settings {
		s := &settings[i]
		g, ok := found[s.name]
		if s.mask == nil || s.aliasOf != "" || !ok || g.level != levelFlag || !s.hides(g.value) {
			continue
		}
		warnings = append(warnings, fmt.Sprintf("%s: the command line is visible to all users of this machine, and may have a secret; use --%s, %s or the configuration file",
			g.where, find(s.name+"-file").flag(), s.env()))
	}
	return warnings
}

// hides reports whether there is something secret in a value.
func (s *setting) hides(v value) bool {
	if v.shape == isText {
		return s.mask(v.text) != v.text
	}
	for _, item := range v.items {
		if s.mask(item.text) != item.text {
			return true
		}
	}
	return false
}
