package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Source says where a Config comes from.
type Source struct {
	File     string   // the configuration file; empty when none was named or found
	Dirs     []string // where other files belong: the directory of that file, and those in which it is looked for
	Warnings []string // what was ignored or replaced, one line each
}

// level ranks the sources; the greater wins.
type level int

const (
	levelFile level = iota + 1
	levelEnv
	levelFlag
)

// origin is where the value of a setting was found.
type origin struct {
	level level
	where string // --flag, DKRON_VARIABLE or file:line
}

// given is a value as it was found, not yet read.
type given struct {
	origin
	value value
}

// Load makes the Config out of the given flags (fs may be nil), the environment (as from os.Environ) and the
// configuration file, and validates it. With an error, the Source has what was found so far.
func Load(fs *pflag.FlagSet, env []string, read Files) (*Config, Source, error) {
	var src Source
	if read == nil {
		read = os.ReadFile
	}
	explicit := ""
	if fs != nil && fs.Lookup(configFlag) != nil {
		explicit = fs.Lookup(configFlag).Value.String()
	}
	file, data, err := locate(read, explicit, home(env))
	if err != nil {
		return nil, src, err
	}
	src.File, src.Dirs = file, searchDirs(home(env))
	if file != "" {
		own := filepath.Dir(file)
		src.Dirs = append([]string{own}, slices.DeleteFunc(src.Dirs, func(dir string) bool { return dir == own })...)
	}

	found := map[string]given{}
	if file != "" {
		pairs, err := parseFile(file, data)
		if err != nil {
			return nil, src, err
		}
		if found, src.Warnings, err = fromFile(file, pairs); err != nil {
			return nil, src, err
		}
	}
	fromEnv, warnings := fromEnv(env)
	src.Warnings = append(src.Warnings, warnings...)
	maps.Copy(found, fromEnv)
	maps.Copy(found, fromFlags(fs))

	c, warnings, err := build(found, read)
	src.Warnings = append(src.Warnings, warnings...)
	if err != nil {
		return nil, src, err
	}
	return c, src, nil
}

func fromFlags(fs *pflag.FlagSet) map[string]given {
	found := map[string]given{}
	if fs == nil {
		return found
	}
	fs.Visit(func(f *pflag.Flag) {
		if v, ok := f.Value.(*flagValue); ok && len(v.given) > 0 {
			found[v.setting.name] = given{origin{levelFlag, "--" + f.Name}, v.value()}
		}
	})
	return found
}

// build reads the given values into the defaults, settles what depends on several of them and validates the result.
func build(found map[string]given, read Files) (c *Config, warnings []string, err error) {
	c = Default()
	warnings = append(resolveAliases(found), warnOfCommandLine(found)...)
	exposed, err := readSecrets(found, read)
	if warnings = append(warnings, exposed...); err != nil {
		return nil, warnings, err
	}
	for i := range settings {
		s := &settings[i]
		g, ok := found[s.name]
		if !ok || s.aliasOf != "" {
			continue
		}
		if err := s.assign(c, g.value); err != nil {
			return nil, warnings, wrongValue(s, g.origin, err)
		}
		c.from[s.name] = g.origin
	}
	if err := c.mergeTags(); err != nil {
		return nil, warnings, err
	}
	if err := c.settle(); err != nil {
		return nil, warnings, err
	}
	warnings = append(warnings, c.soften()...)
	return c, warnings, c.Validate()
}

// wrongValue names the setting unless its origin already does.
func wrongValue(s *setting, o origin, err error) error {
	if o.level == levelFile {
		return fmt.Errorf("%s: %s: %w", o.where, s.name, err)
	}
	return fmt.Errorf("%s: %w", o.where, err)
}

// resolveAliases moves values given under a deprecated name to the current one, unless that was given by the same or a
// higher source.
func resolveAliases(found map[string]given) (warnings []string) {
	for _, s := range settings {
		old, ok := found[s.name]
		if s.aliasOf == "" || !ok {
			continue
		}
		warning := fmt.Sprintf("%s: %s is deprecated, use %s", old.where, s.name, s.aliasOf)
		if now, ok := found[s.aliasOf]; ok && now.level >= old.level {
			warning += fmt.Sprintf("; ignored, because of %s", now.where)
		} else {
			found[s.aliasOf] = old
		}
		warnings = append(warnings, warning)
	}
	return warnings
}

// settle fills in what is derived: the host name and what --dev implies.
func (c *Config) settle() error {
	if !c.IsSet("node-name") {
		name, err := os.Hostname()
		if err != nil {
			return fmt.Errorf("--node-name: cannot find out the host name (%w); give the node a name", err)
		}
		c.NodeName = name
	}
	if c.RaftMultiplier == 0 {
		c.RaftMultiplier = 1
	}
	c.LogLevel = strings.ToLower(c.LogLevel)
	if c.LogLevel == "warning" {
		c.LogLevel = "warn"
	}
	if c.Dev {
		c.settleDev()
	}
	return nil
}

// settleDev keeps what was given explicitly.
func (c *Config) settleDev() {
	if !c.IsSet("server") {
		c.Server = true
	}
	if !c.IsSet("bootstrap-expect") {
		c.BootstrapExpect = 1
	}
	if !c.IsSet("bind-addr") {
		c.BindAddr = "127.0.0.1:8946"
	}
	if !c.IsSet("http-addr") {
		c.HTTPAddr = "127.0.0.1:8080"
	}
	if !c.IsSet("profile") {
		c.Profile = "local"
	}
	if !c.IsSet("data-dir") {
		c.DataDir = ""
	}
}
