package keyring

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"

	"dkron"
)

// idSize is the bytes of a key's id. It only has to distinguish the few keys of a cluster.
const idSize = 4

// ID is what a key is called in commands, answers and logs. It does not give the key away.
func ID(key []byte) string {
	sum := sha256.Sum256(append([]byte("dkron gossip: id of a key\x00"), key...))
	return hex.EncodeToString(sum[:idSize])
}

var isID = regexp.MustCompile(`^[0-9a-f]{8}$`)

// IDs are those of keys, in their order.
func IDs(keys [][]byte) []string {
	ids := []string{}
	for _, k := range keys {
		ids = append(ids, ID(k))
	}
	return ids
}

func checkKey(key []byte) error {
	if n := len(key); n != 16 && n != 24 && n != 32 {
		return dkron.Invalid("key: it has %d bytes, want 16, 24 or 32; dkron keygen makes one", n)
	}
	return nil
}

func index(keys [][]byte, id string) int {
	return slices.IndexFunc(keys, func(k []byte) bool { return ID(k) == id })
}

// bound is what a sealed key is bound to.
var bound = []byte("dkron gossip: a key for another node")

// seal encrypts a key with one that the receiver has: without certificates calls between nodes are not protected.
func seal(with, key []byte) ([]byte, error) {
	gcm, err := sealer(with)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce)
	return gcm.Seal(nonce, nonce, key, bound), nil
}

// unseal tries each of the node's keys.
func unseal(keys [][]byte, sealed []byte) ([]byte, error) {
	for _, k := range keys {
		gcm, err := sealer(k)
		if err != nil {
			return nil, err
		}
		if n := gcm.NonceSize(); len(sealed) > n {
			if key, err := gcm.Open(nil, sealed[:n], sealed[n:], bound); err == nil {
				return key, nil
			}
		}
	}
	return nil, errors.New("this node does not have the key that the asking server encrypts with; set encrypt to that key, and restart the node")
}

func sealer(key []byte) (cipher.AEAD, error) {
	sum := sha256.Sum256(append([]byte("dkron gossip: seals keys\x00"), key...))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func same(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }
