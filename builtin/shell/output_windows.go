package shell

import (
	"errors"
	"io"
	"os"

	"dkron/plugin"
)

// newOutput makes the pipe of a command.
func newOutput(*plan) (output, error) {
	r, w, err := os.Pipe()
	return output{read: r, child: w}, err
}

// pump passes everything from the pipe to status and returns nil at the end of the output.
func pump(pipe *os.File, status plugin.Status) error {
	buf := chunks.Get().(*[32 << 10]byte)
	defer chunks.Put(buf)
	for {
		n, err := pipe.Read(buf[:])
		if n > 0 {
			status.Write(buf[:n], false)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
