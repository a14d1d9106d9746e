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

// sysProcAttr asks for a process group of the command's own, always: it is what a kill aims at. It does not ask for a
// signal at the parent's death, because work outlives the agent. It returns what the key su adds to the environment.
func (e *Executor) sysProcAttr(su string, _ bool, _ string) (attr *syscall.SysProcAttr, env []string, err error) {
	attr = &syscall.SysProcAttr{Setpgid: true}
	if su == "" {
		return attr, nil, nil
	}
	if err := e.checkSU(su); err != nil {
		return nil, nil, err
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

// credential is what initgroups(3) makes of a user: the groups that name it as a member, besides the primary one. A
// group that is given takes the place of the user's primary one.
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
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // an image may have no list of groups
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

// loginEnv is the part of the environment that tells programs who they run as.
func loginEnv(u *user.User) []string {
	shell := defaultShell
	if passwd, err := os.Open("/etc/passwd"); err == nil {
		shell = loginShell(passwd, u.Username)
		passwd.Close()
	}
	return []string{"HOME=" + u.HomeDir, "USER=" + u.Username, "LOGNAME=" + u.Username, "SHELL=" + shell}
}

// defaultShell is that of users for whom none is named.
const defaultShell = "/bin/sh"

// loginShell finds the shell of a user in a text as that of passwd(5).
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
