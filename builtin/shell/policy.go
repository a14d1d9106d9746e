package shell

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Policy is what a node allows to commands. An empty list of it allows all that the agent's user may do, and the zero value
// restricts nothing.
type Policy struct {
	// SU lists the values of the key su that are accepted, compared as written ("backup", "backup:disk"). On an agent that runs as
	// root, a command without su counts as one with root.
	SU []string
	// Commands are the programs that may be started: absolute paths, or patterns as of path.Match. A shell would start any other, so the
	// key shell is refused.
	Commands []string
	// Dirs are the directories in which, or below which, commands may start.
	Dirs []string
	// Env are the names of the variables that the key env may set, or patterns of them. If it is empty, that is none with Commands: many
	// programs run what a variable names, such as LD_PRELOAD and BASH_ENV.
	Env []string
}

// checkSU applies the list to the key su. A command without it runs as the agent's user: to leave it out must not be a way around
// the list.
func (p *Policy) checkSU(su string) error {
	const root = "root"
	own := su == ""
	if own {
		su = root
	}
	if len(p.SU) == 0 || own && os.Geteuid() != 0 || slices.Contains(p.SU, su) {
		return nil
	}
	only := strings.Join(p.SU, ", ")
	if own {
		return fmt.Errorf("without su the command would run as %s, and the setting shell-allow-su of this node allows only %s; set su", root, only)
	}
	return fmt.Errorf("su %q is not allowed on this node: its setting shell-allow-su allows only %s", su, only)
}

// program returns the path by which a program is to be started, once it was found. It is the one that was judged: links of its
// directory are resolved. A link in its own place is not, since programs such as busybox go by the name they are called by.
func (p *Policy) program(found, cwd string, useShell bool) (string, error) {
	if len(p.Commands) == 0 {
		return found, nil
	}
	only := strings.Join(p.Commands, ", ")
	if useShell {
		return "", fmt.Errorf(`"shell": "true" is not allowed on this node: its setting shell-allow-commands allows only %s, and a shell could start any other program`, only)
	}
	absolute, err := under(cwd, found)
	if err != nil {
		return "", err
	}
	dir, name := filepath.Split(absolute)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	if !slices.ContainsFunc(p.Commands, func(pattern string) bool { return admits(pattern, dir, name) }) {
		return "", fmt.Errorf("command %s is not allowed on this node: its setting shell-allow-commands allows only %s", filepath.Join(dir, name), only)
	}
	return filepath.Join(dir, name), nil
}

// admits reports whether a pattern is of the program name in dir, which has no links.
func admits(pattern, dir, name string) bool {
	in, base := filepath.Split(pattern)
	if strings.ContainsAny(in, `*?[`) {
		ok, err := filepath.Match(pattern, filepath.Join(dir, name))
		return ok && err == nil
	}
	place, err := filepath.EvalSymlinks(in) // such as /bin, which is often a link to /usr/bin
	if err != nil || place != dir {
		return false
	}
	ok, err := filepath.Match(base, name)
	return ok && err == nil
}

// dir returns where a command is to start, which exists. Links are resolved, so what was judged is what is used.
func (p *Policy) dir(cwd string) (string, error) {
	if len(p.Dirs) == 0 {
		return cwd, nil
	}
	absolute, err := under("", cwd)
	if err != nil {
		return "", err
	}
	place, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	if slices.ContainsFunc(p.Dirs, func(allowed string) bool { return within(place, allowed) }) {
		return place, nil
	}
	only := strings.Join(p.Dirs, ", ")
	switch {
	case cwd == "":
		return "", fmt.Errorf("without cwd the command would start in %s, and the setting shell-allow-dirs of this node allows only %s; set cwd", place, only)
	case place != filepath.Clean(cwd):
		return "", fmt.Errorf("cwd %q, which is %s, is not allowed on this node: its setting shell-allow-dirs allows only %s", cwd, place, only)
	}
	return "", fmt.Errorf("cwd %q is not allowed on this node: its setting shell-allow-dirs allows only %s", cwd, only)
}

// within reports whether a directory, which has no links, is an allowed one or below it.
func within(dir, allowed string) bool {
	const separator = string(filepath.Separator)
	place, err := filepath.EvalSymlinks(allowed)
	return err == nil && strings.HasPrefix(dir+separator, strings.TrimSuffix(place, separator)+separator)
}

// under returns a path as the system finds it from a directory; "" is the agent's. It is not cleaned: what x/.. is depends on links.
func under(dir, name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	if !filepath.IsAbs(dir) {
		own, err := os.Getwd()
		if err != nil {
			return "", fmt.Errorf("working directory of the agent: %w", err)
		}
		dir = own + string(filepath.Separator) + dir
	}
	return dir + string(filepath.Separator) + name, nil
}

// checkEnv applies the list to the entries of the key env. No error repeats a value: it may be a secret.
func (p *Policy) checkEnv(entries []string) error {
	if len(p.Env) == 0 && len(p.Commands) == 0 {
		return nil
	}
	for _, entry := range entries {
		name := envName(entry)
		if slices.ContainsFunc(p.Env, func(pattern string) bool {
			ok, err := path.Match(envKey(pattern), envKey(name))
			return ok && err == nil
		}) {
			continue
		}
		if len(p.Env) == 0 {
			return errors.New("env may not set " + strconv.Quote(name) + " on this node: with its setting shell-allow-commands it may only set what shell-allow-env names, which is nothing")
		}
		return fmt.Errorf("env may not set %q on this node: its setting shell-allow-env allows only %s", name, strings.Join(p.Env, ", "))
	}
	return nil
}
