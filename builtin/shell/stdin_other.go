//go:build !linux

package shell

import (
	"errors"
	"os"
)

// payloadFile is for systems that have files without a name; the others feed a pipe.
func payloadFile([]byte) (*os.File, error) { return nil, errors.ErrUnsupported }
