package fileoutput

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"dkron/plugin"
)

// holdsOther reports whether there is a file at path with another output than the one that is to be written.
func holdsOther(ctx context.Context, path string, req *plugin.ProcessRequest) (bool, error) {
	was, err := os.Open(path)
	if err != nil {
		return false, nil // there is none, or none that we have written
	}
	defer was.Close()
	if info, err := was.Stat(); err != nil || !info.Mode().IsRegular() {
		return false, nil // to put the file in place fails, and says why
	}
	in, err := req.Whole(ctx)
	if err != nil {
		return false, err
	}
	defer in.Close()
	same, err := equal(was, in)
	return !same, err
}

// equal reports whether two readers have the same bytes. It returns errors other than their ends.
func equal(a, b io.Reader) (bool, error) {
	one, two := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errA := io.ReadFull(a, one)
		m, errB := io.ReadFull(b, two)
		for _, err := range []error{errA, errB} {
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return false, err
			}
		}
		if !bytes.Equal(one[:n], two[:m]) {
			return false, nil
		}
		if errA != nil || errB != nil { // both, as they have the same length
			return true, nil
		}
	}
}
