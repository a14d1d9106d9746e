package shell

import (
	"os"
)

// stdin is the standard input of one command: the shared null device, a file with the whole payload, or a pipe that is
// written while the command runs.
type stdin struct {
	child  *os.File // what the command gets
	shared bool     // child belongs to the executor
	writer *os.File // our end of a pipe, nil when the child's end holds everything already
	data   []byte
}

// openStdin prefers a file to a pipe: a command that outlives the agent can then still read all of its input, instead
// of an early end that looks like the real one.
func (e *Executor) openStdin(payload []byte) (*stdin, error) {
	if len(payload) == 0 {
		null, err := e.null()
		return &stdin{child: null, shared: true}, err
	}
	if file, err := payloadFile(payload); err == nil {
		return &stdin{child: file}, nil
	}
	return pipeStdin(payload)
}

func pipeStdin(payload []byte) (*stdin, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &stdin{child: r, writer: w, data: payload}, nil
}

// closeChildEnd closes our copy of the command's end, once the command was started or failed to start.
func (s *stdin) closeChildEnd() {
	if !s.shared {
		s.child.Close()
	}
}

// abandon closes our end if the command could not be started.
func (s *stdin) abandon() {
	if s.writer != nil {
		s.writer.Close()
	}
}

// feed writes the payload while the command runs. The returned function ends that, even if not all was read.
func (s *stdin) feed() (stop func()) {
	if s.writer == nil {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = s.writer.Write(s.data) // a command need not read its input
		s.writer.Close()
	}()
	return func() {
		s.writer.Close() // unblocks the write
		<-done
	}
}
