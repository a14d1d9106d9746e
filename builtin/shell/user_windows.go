package shell

import (
	"errors"
	"syscall"
)

func shellArgs() []string { return []string{"cmd", "/C"} }

// sysProcAttr hands cmd its command line untouched: the usual quoting of arguments is not what cmd /C reads.
func (e *Executor) sysProcAttr(su string, useShell bool, command string) (attr *syscall.SysProcAttr, env []string, err error) {
	if su != "" {
		if err := e.policy.checkSU(su); err != nil {
			return nil, nil, err
		}
		return nil, nil, errors.New("su is not supported on Windows")
	}
	attr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	if useShell {
		attr.CmdLine = "cmd /C " + command
	}
	return attr, nil, nil
}
