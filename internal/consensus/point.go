package consensus

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft"
)

// point is the form of a snapshot on disk: not the state, but the promise that the machine's durable state contains the
// log up to here, so that the log before it may be dropped. It is small, so one can be written whenever the log has to
// be cut; the state is only copied for a server that needs it.
type point struct {
	Meta    raft.SnapshotMeta
	Applied uint64 // index of the machine's last entry; Meta.Index may be higher, as it counts entries that no machine sees
}

const (
	pointFile    = "snapshot.json"
	receivedFile = "received.json" // a point whose state was received, and is being taken over by the machine
)

// writePoint replaces the file atomically and returns when it is on disk.
func writePoint(path string, p *point) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	body = fmt.Appendf(body, "\n%08x\n", crc32.Checksum(body, castagnoli))
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return rename(path+".new", path)
}

// rename returns when the new name is on disk.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

// readPoint returns nil if there is none.
func readPoint(path string) (*point, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	const tail = len("\n00000000\n")
	p := new(point)
	if len(b) < tail || string(b[len(b)-tail:]) != fmt.Sprintf("\n%08x\n", crc32.Checksum(b[:len(b)-tail], castagnoli)) {
		return nil, &CorruptError{Path: path, Err: errors.New("checksum of the snapshot does not match")}
	}
	if err := json.Unmarshal(b[:len(b)-tail], p); err != nil {
		return nil, &CorruptError{Path: path, Err: err}
	}
	return p, nil
}
