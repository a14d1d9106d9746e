package shell

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// defaultGrace is the default time between the request to end and the kill.
const defaultGrace = 5 * time.Second

// plan is a completely checked configuration: starting it needs no further decision.
type plan struct {
	command string // as written, for messages
	tag     string // see executionTag
	path    string
	argv    []string
	env     []string
	cwd     string
	sys     *syscall.SysProcAttr
	payload []byte // nil: empty standard input
	limits
}

// limits are the keys that bound a command.
type limits struct {
	timeout  time.Duration // 0: none
	memLimit int64         // bytes, 0: none
	grace    time.Duration
}

func parseLimits(config map[string]string) (limits, error) {
	l := limits{grace: defaultGrace}
	if s := config["timeout"]; s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			return l, fmt.Errorf("Error parsing job timeout value: want a duration such as 90s or 1h30m, not %q", s) //nolint:staticcheck // public API text
		}
		l.timeout = max(d, 0)
	}
	if s := config["mem_limit"]; s != "" {
		n, err := keys.Size(s)
		if err != nil {
			return l, fmt.Errorf("Error parsing job memory limit value: %w", err) //nolint:staticcheck // public API text
		}
		l.memLimit = n
	}
	if s := config["kill_grace"]; s != "" {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return l, fmt.Errorf("Error parsing job kill_grace value: want a duration such as 5s, 0s or more, not %q", s) //nolint:staticcheck // as its siblings
		}
		l.grace = d
	}
	return l, nil
}

// plan checks the whole configuration of a request on this node.
func (e *Executor) plan(req *plugin.ExecuteRequest) (*plan, error) {
	cfg := req.Config
	l, err := parseLimits(cfg)
	if err != nil {
		return nil, err
	}
	p := &plan{
		command: cfg["command"],
		tag:     executionTag(req.JobName, req.ExecutionID),
		cwd:     cfg["cwd"],
		limits:  l,
	}
	useShell, _ := strconv.ParseBool(cfg["shell"]) // anything but a boolean is false, as in v4
	if err := p.setCommand(useShell); err != nil {
		return nil, err
	}
	if s := cfg["payload"]; s != "" {
		if p.payload, err = base64.StdEncoding.DecodeString(s); err != nil {
			return nil, err
		}
	}
	var login []string
	if p.sys, login, err = e.sysProcAttr(cfg["su"], useShell, p.command); err != nil {
		return nil, err
	}
	if p.cwd != "" {
		if err := checkDir(p.cwd); err != nil {
			return nil, err
		}
	}
	if p.cwd, err = e.policy.dir(p.cwd); err != nil {
		return nil, err
	}
	if p.path, err = e.policy.program(p.path, p.cwd, useShell); err != nil {
		return nil, err
	}
	entries, ignored := keys.Entries(cfg["env"])
	if err := e.policy.checkEnv(entries); err != nil {
		return nil, err
	}
	for _, entry := range ignored {
		e.log.Warn("env entry without '=' is ignored", "job", req.JobName, "length", len(entry))
	}
	p.env = e.base.overlay(append(login, entries...), keys.Identity(req))
	return p, nil
}

// setCommand finds the program and its arguments. A name without a slash is looked up in the agent's PATH.
func (p *plan) setCommand(useShell bool) error {
	if useShell {
		p.argv = append(shellArgs(), p.command)
	} else {
		words, err := keys.Words(p.command)
		if err != nil {
			return err
		}
		if len(words) == 0 {
			return errors.New("shell: Command missing")
		}
		p.argv = words
	}
	p.path = p.argv[0]
	if filepath.Base(p.path) == p.path {
		found, err := exec.LookPath(p.path)
		if err != nil {
			return err
		}
		p.path = found
	}
	return nil
}

// checkDir reports a missing working directory, for which the start itself would blame the program.
func checkDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("working directory %s: no such directory", dir)
	case err != nil:
		return fmt.Errorf("working directory: %w", err)
	case !info.IsDir():
		return fmt.Errorf("working directory %s: not a directory", dir)
	}
	return nil
}

// splitSU splits "user" or "user:group"; group is empty for the user's primary group.
func splitSU(su string) (user, group string) {
	user, group, _ = strings.Cut(su, ":")
	return user, group
}
