package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// Files reads a file, with the errors of os.ReadFile; nil means os.ReadFile.
type Files func(name string) ([]byte, error)

// searched are the file names looked for in each directory, in this order. It includes formats that can't be read, so
// that a node does not start without the settings that someone has written there.
var searched = []string{"json", "toml", "yaml", "yml", "properties", "props", "prop", "hcl", "tfvars", "dotenv", "env", "ini"}

// parsers are by extension.
var parsers = map[string]func([]byte) (value, error){
	".json":   parseJSON,
	".toml":   parseTOML,
	".yaml":   parseYAML,
	".yml":    parseYAML,
	".env":    parseDotenv,
	".dotenv": parseDotenv,
}

// lineError is a syntax error at a line of its file; 0 if unknown.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

// position names the file and, if known, the line.
func position(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// locate reads the configuration file: the explicit one, which must exist, or the first found by search, or none, with
// the name "".
func locate(read Files, explicit, home string) (name string, data []byte, err error) {
	if explicit != "" {
		data, err = read(explicit)
		if absent(err) {
			return "", nil, fmt.Errorf("--config %s: no such file; create it or leave out --config", explicit)
		}
		if err != nil {
			return "", nil, fmt.Errorf("--config: read the configuration file: %w", err)
		}
		return explicit, data, nil
	}
	for _, dir := range searchDirs(home) {
		for _, ext := range searched {
			name := filepath.Join(dir, "dkron."+ext)
			data, err := read(name)
			if absent(err) {
				continue
			}
			if err != nil {
				return "", nil, fmt.Errorf("read the configuration file: %w; make it readable or name another with --config", err)
			}
			return name, data, nil
		}
	}
	return "", nil, nil
}

// searchDirs returns the directories in which a configuration file is looked for, in this order.
func searchDirs(home string) []string {
	dirs := []string{"/etc/dkron"}
	if home != "" {
		dirs = append(dirs, filepath.Join(home, ".dkron"))
	}
	return append(dirs, "config")
}

func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// byteOrderMark is what some editors put before a text in UTF-8. It has no meaning.
var byteOrderMark = []byte("\ufeff")

// parseFile reads the settings in a file, by their keys as written.
func parseFile(name string, data []byte) ([]pair, error) {
	ext := strings.ToLower(filepath.Ext(name))
	parse := parsers[ext]
	if parse == nil {
		return nil, fmt.Errorf("%s: cannot read a configuration file with the extension %q; "+
			"use .json, .toml, .yaml, .yml, .env or .dotenv", name, ext)
	}
	v, err := parse(bytes.TrimPrefix(data, byteOrderMark))
	if err != nil {
		line := 0
		if at, ok := errors.AsType[*lineError](err); ok {
			line = at.line
		}
		return nil, fmt.Errorf("%s: %w; fix the file, or move it away to start without it", position(name, line), err)
	}
	switch v.shape {
	case isTable:
		return flatten("", v.pairs), nil
	case isNothing:
		return nil, nil
	}
	return nil, fmt.Errorf("%s: want settings as keys with values at the top of the file", name)
}

// fromFile finds the settings in a file and the warnings about its keys.
func fromFile(name string, pairs []pair) (map[string]given, []string, error) {
	found := map[string]given{}
	var warnings []string
	for _, p := range pairs {
		where := position(name, p.val.line)
		s := find(p.key)
		if s == nil {
			warnings = append(warnings, fmt.Sprintf("%s: unknown key %q is ignored%s", where, p.key, suggest(p.key)))
			continue
		}
		if first, twice := found[s.name]; twice {
			return nil, nil, fmt.Errorf("%s: key %q appears twice, first at %s; keep one", where, s.name, first.where)
		}
		if p.val.shape != isNothing {
			found[s.name] = given{origin{levelFile, where}, p.val}
		}
	}
	return found, warnings, nil
}
