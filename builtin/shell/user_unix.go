//go:build unix

package shell

import (
	"fmt"
	"os/user"
	"strconv"
	"syscall"
)

func shellArgs() []string { return []string{"/bin/sh", "-c"} }

// sysProcAttr asks for a process group of the command's own, always: it is what a kill aims at. It does not ask for a
// signal at the parent's death, because work outlives the agent.
func (e *Executor) sysProcAttr(su string, _ bool, _ string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if su == "" {
		return attr, nil
	}
	if err := e.checkSU(su); err != nil {
		return nil, err
	}
	credential, err := lookupCredential(su)
	attr.Credential = credential
	return attr, err
}

// lookupCredential finds the user and group of the key su, by name. Supplementary groups are dropped.
func lookupCredential(su string) (*syscall.Credential, error) {
	userName, groupName := splitSU(su)
	u, err := user.Lookup(userName)
	if err != nil {
		return nil, err
	}
	gidText := u.Gid
	if groupName != "" {
		g, err := user.LookupGroup(groupName)
		if err != nil {
			return nil, err
		}
		gidText = g.Gid
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user id of %s: %w", userName, err)
	}
	gid, err := strconv.ParseUint(gidText, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("group id of %s: %w", su, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (p *plan) credential() *syscall.Credential { return p.sys.Credential }
