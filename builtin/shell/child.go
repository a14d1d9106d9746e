package shell

import (
	"os"
	"strconv"
)

// child is a leader that this process started.
type child struct {
	proc  *os.Process
	state *os.ProcessState
	exit  *os.File // becomes readable when the process ends; nil where the platform has none
	own   *own     // holds its number until outcome
	floor uint64   // see ownPeak
}

func newChild(proc *os.Process, own *own) *child {
	return &child{proc: proc, exit: openExit(proc.Pid), own: own, floor: ownPeak()}
}

// outcome reaps the process: from here on its number may belong to another one.
func (c *child) outcome() *outcome {
	defer c.own.release(c.proc.Pid)
	if c.exit != nil {
		c.exit.Close()
	}
	if c.state == nil {
		state, err := c.proc.Wait()
		if err != nil {
			return &outcome{text: err.Error()}
		}
		c.state = state
	}
	o := &outcome{text: c.state.String()}
	if c.state.Exited() {
		o = exitOutcome(c.state.ExitCode())
	}
	o.used = used{known: true, cpu: c.state.UserTime() + c.state.SystemTime(), rss: maxRSS(c.state, c.floor)}
	return o
}

func exitOutcome(code int) *outcome {
	o := &outcome{exitCode: &code}
	if code != 0 {
		o.text = "exit status " + strconv.Itoa(code)
	}
	return o
}
