package keyring

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// file is what is on disk: JSON, in which keys are base64.
type file struct {
	Keys    [][]byte `json:"keys"`
	Setting string   `json:"setting"` // digest of the setting encrypt when this was written
}

// digest identifies keys without revealing them.
func digest(keys [][]byte) string {
	h := sha256.New()
	h.Write([]byte("dkron gossip: the setting encrypt\x00"))
	for _, k := range keys {
		h.Write([]byte{byte(len(k))})
		h.Write(k)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// read returns what is in the file, nil if there is none. It takes the file away from other users of the machine.
func read(path string, log *slog.Logger) (*file, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys of gossip: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		log.Warn("other users of this machine could read the keys of gossip; the file's mode is now 0600. If somebody may have done that, change the keys",
			"file", path, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, fmt.Errorf("protect the keys of gossip: %w", err)
		}
	}
	f := new(file)
	if err := json.Unmarshal(data, f); err != nil || len(f.Keys) == 0 {
		return nil, errDamaged(path, "it has no keys")
	}
	for _, k := range f.Keys {
		if checkKey(k) != nil {
			return nil, errDamaged(path, "a key does not have 16, 24 or 32 bytes")
		}
	}
	return f, nil
}

func errDamaged(path, why string) error {
	return fmt.Errorf("the file with the keys of gossip, %s, is damaged: %s. Remove it to start with the keys of the setting encrypt", path, why)
}

// write replaces the file, or leaves it as it was.
func write(path string, f file) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return replace(path, append(data, '\n'))
}

func replace(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // its mode is 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove former keys of gossip: %w", err)
	}
	return nil
}

// former is the file as it was; nil: there was none.
type former []byte

func snapshot(path string) (former, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (f former) restore(path string) error {
	if f == nil {
		return remove(path)
	}
	return replace(path, f)
}
