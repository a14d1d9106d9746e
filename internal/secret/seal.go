package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// keySize is the bytes of a key.
const keySize = 32

// Keys seal and open values. The first seals, all open: so a new key is put first on every server, all secrets are sealed anew, and then
// the old one is taken out. Without keys nothing is sealed or opened.
type Keys struct{ all []key }

type key struct {
	id  []byte
	gcm cipher.AEAD
}

// idSize is the bytes of a key's id, which is in each sealed value.
const idSize = 8

// version is the first byte of a sealed value: which way it is sealed. 1 is AES-256-GCM.
const version = 1

// ErrNoKey says that there is no key to seal or to open with.
var ErrNoKey = errors.New("this server has no key for secrets: set secrets-key-file on all servers, to a file with a key that dkron keygen makes")

// Key is the key that a text has in base64. It is the one place where a key comes to be.
func Key(text string) ([]byte, error) {
	k, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("it is not base64; dkron keygen makes one")
	}
	if len(k) != keySize {
		return nil, fmt.Errorf("it has %d bytes, and must have %d; dkron keygen makes one", len(k), keySize)
	}
	return k, nil
}

// ParseKeys reads keys: base64, separated by white space or commas. Lines that begin with # count for nothing. No error repeats a key.
func ParseKeys(text string) (*Keys, error) {
	var raw [][]byte
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, one := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r <= ' ' }) {
			k, err := Key(one)
			if err != nil {
				return nil, fmt.Errorf("key number %d: %w", len(raw)+1, err)
			}
			raw = append(raw, k)
		}
	}
	return NewKeys(raw...)
}

// NewKeys returns keys of 32 bytes each. The first seals.
func NewKeys(raw ...[]byte) (*Keys, error) {
	keys := new(Keys)
	for _, k := range raw {
		block, err := aes.NewCipher(k)
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(append([]byte("dkron secrets: id of a key\x00"), k...))
		keys.all = append(keys.all, key{sum[:idSize], gcm})
	}
	return keys, nil
}

// IDs returns the ids of the keys, in their order. An id does not give its key away.
func (k *Keys) IDs() []string {
	ids := []string{}
	for _, one := range k.all {
		ids = append(ids, hex.EncodeToString(one.id))
	}
	return ids
}

// bound is what a sealed value is bound to: it can't be put in the place of another secret.
func bound(name string) []byte { return append([]byte("dkron secret\x00"), name...) }

// Seal seals the value of the secret with that name.
func (k *Keys) Seal(name, value string) ([]byte, error) {
	if len(k.all) == 0 {
		return nil, ErrNoKey
	}
	first := k.all[0]
	nonce := make([]byte, first.gcm.NonceSize())
	rand.Read(nonce)
	sealed := append(append([]byte{version}, first.id...), nonce...)
	return first.gcm.Seal(sealed, nonce, []byte(value), bound(name)), nil
}

// KeyID returns the id of the key that a value is sealed with.
func KeyID(sealed []byte) (string, error) {
	if len(sealed) < 1+idSize {
		return "", errors.New("the sealed value is damaged")
	}
	if sealed[0] != version {
		return "", fmt.Errorf("the value is sealed in way %d, which this version does not know; upgrade this server", sealed[0])
	}
	return hex.EncodeToString(sealed[1 : 1+idSize]), nil
}

// Current reports whether a value is sealed with the first key.
func (k *Keys) Current(sealed []byte) bool {
	id, err := KeyID(sealed)
	return err == nil && len(k.all) > 0 && id == hex.EncodeToString(k.all[0].id)
}

// Open opens the value of the secret with that name. Its error names the key that is missing.
func (k *Keys) Open(name string, sealed []byte) (string, error) {
	if len(k.all) == 0 {
		return "", ErrNoKey
	}
	id, err := KeyID(sealed)
	if err != nil {
		return "", fmt.Errorf("secret %s: %w", name, err)
	}
	for _, one := range k.all {
		if !bytes.Equal(one.id, sealed[1:1+idSize]) {
			continue
		}
		rest := sealed[1+idSize:]
		n := one.gcm.NonceSize()
		if len(rest) < n {
			return "", fmt.Errorf("secret %s: the sealed value is damaged", name)
		}
		value, err := one.gcm.Open(nil, rest[:n], rest[n:], bound(name))
		if err != nil {
			return "", fmt.Errorf("secret %s: the sealed value is damaged, or was sealed for another name", name)
		}
		return string(value), nil
	}
	return "", fmt.Errorf("secret %s is sealed with the key %s, which this server does not have: it has %s. Add that key to secrets-key-file", name, id, strings.Join(k.IDs(), ", "))
}
