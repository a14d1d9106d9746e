//go:build unix && !linux

package shell

import "os"

// newOutput makes the pipe of a command. Since a pipe can't be opened for both reading and writing on this platform, a
// command that outlives the agent gets SIGPIPE at its next output.
func newOutput(p *plan) (output, error) {
	r, w, err := os.Pipe()
	return output{read: r, child: w}, err
}
