//go:build !linux

package shell

import (
	"errors"
	"os"
)

// payloadFile is for platforms with anonymous files; here a pipe is used.
func payloadFile([]byte) (*os.File, error) { return nil, errors.ErrUnsupported }
