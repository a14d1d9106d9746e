package consensus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// Layout of a bbolt file, as far as it is needed here: two meta pages, each a page header and then these fields.
const (
	boltMagic      = 0xED0CDAED
	boltPageHeader = 16
	boltMetaSize   = 64
	boltPageSizeAt = 8  // uint32
	boltPagesAt    = 40 // uint64, how many pages are in use
	boltTxAt       = 48 // uint64
	boltSumAt      = 56 // uint64, FNV-1a of what is before it
)

// checkBoltFile returns an error for a file that is shorter than its meta page says. bbolt would map it into memory and
// hit a page fault, in a goroutine of its own, which ends the process without advice. A missing file is fine.
func checkBoltFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 { // bbolt initialises an empty file
		return err
	}
	var pages, pageSize, tx uint64
	for _, at := range []int64{0, int64(os.Getpagesize())} {
		m := make([]byte, boltMetaSize)
		if _, err := f.ReadAt(m, at+boltPageHeader); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		h := fnv.New64a()
		_, _ = h.Write(m[:boltSumAt])
		if binary.NativeEndian.Uint32(m) != boltMagic || binary.NativeEndian.Uint64(m[boltSumAt:]) != h.Sum64() {
			continue
		}
		if t := binary.NativeEndian.Uint64(m[boltTxAt:]); pages == 0 || t > tx {
			tx, pages = t, binary.NativeEndian.Uint64(m[boltPagesAt:])
			pageSize = uint64(binary.NativeEndian.Uint32(m[boltPageSizeAt:]))
		}
	}
	if pages == 0 {
		return fmt.Errorf("%s has no valid meta page", path)
	}
	if want := pages * pageSize; uint64(info.Size()) < want {
		return fmt.Errorf("%s is %d bytes long, but must be %d", path, info.Size(), want)
	}
	return nil
}
