package shell

import (
	"os"
	"sync"
)

// output is the one pipe for a command's standard output and standard error, so that their order is kept.
type output struct {
	read  *os.File // ours
	child *os.File // the command's; ours is closed once the command has its copy
	inode uint64   // identifies the pipe among the files of a process; 0: unknown
}

// chunks are the buffers for reading output. One is only taken while there is something to read: a thousand silent
// commands hold none.
var chunks = sync.Pool{New: func() any { return new([32 << 10]byte) }}
