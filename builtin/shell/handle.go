package shell

import (
	"encoding/json"
	"time"
)

// unknownExit is the error of an execution whose end was not observed.
const unknownExit = "the command has ended, but its exit status is not known"

// handle is the agent's journal record of a running command. Fields may only be added: a newer agent reads what an
// older one wrote.
type handle struct {
	PID      int       `json:"pid"`
	Start    uint64    `json:"start"` // clock ticks after boot
	Boot     string    `json:"boot"`
	PGID     int       `json:"pgid"`
	Pipe     uint64    `json:"pipe"`              // inode of the output pipe
	Deadline time.Time `json:"deadline,omitzero"` // of the timeout; zero: none
}

func (h handle) encode() []byte {
	text, _ := json.Marshal(h) // can't fail: plain fields
	return text
}

// AdoptsByHandle says that Adopt needs nothing of the configuration, and must not wait for it: a command may end at any moment.
func (*Executor) AdoptsByHandle() {}
