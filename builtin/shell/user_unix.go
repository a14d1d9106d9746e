//go:build unix

package shell

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

func shellArgs() []string { return []string{"/bin/sh", "-c"} }

// sysProcAttr always requests a process group for the command: kills are aimed at it. It does not request a signal at
// the parent's death, because work survives the agent. It returns what the key su adds to the environment.
func (e *Executor) sysProcAttr(su string, _ bool, _ string) (attr *syscall.SysProcAttr, env []string, err error) {
	attr = &syscall.SysProcAttr{Setpgid: true}
	if err := e.policy.checkSU(su); err != nil {
		return nil, nil, err
	}
	if su == "" {
		return attr, nil, nil
	}
	userName, groupName := splitSU(su)
	u, err := user.Lookup(userName)
	if err != nil {
		return nil, nil, err
	}
	if attr.Credential, err = credential(u, groupName); err != nil {
		return nil, nil, err
	}
	return attr, loginEnv(u), nil
}

// credential computes the same groups as initgroups(3): those that name the user as a member, besides the primary one.
// A given group replaces the user's primary one.
func credential(u *user.User, groupName string) (*syscall.Credential, error) {
	primary := u.Gid
	if groupName != "" {
		g, err := user.LookupGroup(groupName)
		if err != nil {
			return nil, err
		}
		primary = g.Gid
	}
	others, err := u.GroupIds()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // an image may have no group file
		return nil, fmt.Errorf("groups of %s: %w", u.Username, err)
	}
	uid, err := parseID(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := parseID(primary)
	if err != nil {
		return nil, err
	}
	c := &syscall.Credential{Uid: uid, Gid: gid, Groups: []uint32{gid}}
	for _, text := range others {
		id, err := parseID(text)
		if err != nil {
			return nil, err
		}
		if text != u.Gid && id != gid {
			c.Groups = append(c.Groups, id)
		}
	}
	return c, nil
}

func parseID(text string) (uint32, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("su: id of a user or group: %w", err)
	}
	return uint32(id), nil
}

// loginEnv is the part of the environment that says who a program runs as.
func loginEnv(u *user.User) []string {
	shell := defaultShell
	if passwd, err := os.Open("/etc/passwd"); err == nil {
		shell = loginShell(passwd, u.Username)
		passwd.Close()
	}
	return []string{"HOME=" + u.HomeDir, "USER=" + u.Username, "LOGNAME=" + u.Username, "SHELL=" + shell}
}

// defaultShell is for users without a shell of their own.
const defaultShell = "/bin/sh"

// loginShell finds the shell of a user in a text in the format of passwd(5).
func loginShell(passwd io.Reader, name string) string {
	for lines := bufio.NewScanner(passwd); lines.Scan(); {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) == 7 && fields[0] == name {
			return cmp.Or(strings.TrimSpace(fields[6]), defaultShell)
		}
	}
	return defaultShell
}

func (p *plan) credential() *syscall.Credential { return p.sys.Credential }
