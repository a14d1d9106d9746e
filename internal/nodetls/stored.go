package nodetls

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Files in the folder of a node that gets its certificate from its cluster. A command can use them in place of --cert-file and
// --key-file, and of --trusted-ca-file.
const (
	ownFile       = "node.pem" // the certificate, that of the authority, and the key
	authorityFile = "authority.pem"
	trustFile     = "trust.json"
)

// stored is what is kept there.
type stored struct {
	Trust
	Protected bool `json:"protected"` // the node has been protected from its first start on
	own       *tls.Certificate
}

// readStored reads the folder. Nothing in it is not an error.
func readStored(dir string) (*stored, error) {
	s := new(stored)
	raw, err := os.ReadFile(filepath.Join(dir, trustFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, s)
	}
	if err != nil {
		return nil, damaged(dir, err)
	}
	raw, err = os.ReadFile(filepath.Join(dir, ownFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		s.own, err = tlsPair(Pair{raw, raw})
	}
	if err != nil {
		return nil, damaged(dir, err)
	}
	return s, nil
}

func damaged(dir string, err error) error {
	return fmt.Errorf("the certificates in %s can't be read: %w; remove the folder, and start the node with its join secret to get others", dir, err)
}

// keep writes the folder. The certificate comes before the trust: without the one that it is for it is not used.
func (s *stored) keep(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if s.own != nil {
		private, err := x509.MarshalPKCS8PrivateKey(s.own.PrivateKey)
		if err != nil {
			return err
		}
		content := append(chain(s.own.Certificate...), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
		if err := replace(filepath.Join(dir, ownFile), content); err != nil {
			return err
		}
	} else if err := os.Remove(filepath.Join(dir, ownFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(s.Authority) > 0 {
		if err := replace(filepath.Join(dir, authorityFile), chain(s.Authority, s.Join)); err != nil {
			return err
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return replace(filepath.Join(dir, trustFile), append(text, '\n'))
}

// kept is the certificate to keep: one of the role joining is made again.
func (l *loaded) kept() *tls.Certificate {
	if l.peer.Role == Joining {
		return nil
	}
	return l.own
}

func chain(list ...[]byte) (text []byte) {
	for _, der := range list {
		if len(der) > 0 {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
		}
	}
	return text
}

// replace writes a file whole or not at all, unless it has that content.
func replace(path string, content []byte) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, content) {
		return nil
	}
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
