package shell

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// payloadFile returns an anonymous file in memory that holds the payload, positioned at its start.
func payloadFile(payload []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("dkron-payload", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "payload")
	if _, err = file.Write(payload); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
