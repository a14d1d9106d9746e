// Package secret knows three things about secrets: how texts refer to them, how they are sealed for the replicated state, and how they
// are masked in what a job writes. It stores nothing. See docs/adr/0049-secrets.md.
package secret

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a value in bytes. A shorter one could not be masked: it would be found in the middle of words.
const (
	MinValue = 4
	MaxValue = 64 << 10
)

// Mask replaces a secret wherever it would have been shown.
const Mask = "***"

// CheckName returns why a name can't be one.
func CheckName(name string) error {
	if len(name) > 64 || !validName.MatchString(name) {
		return fmt.Errorf("name %.70q can't be a name: write 1 to 64 letters, digits, and any of _ - . and begin with a letter or _", name)
	}
	return nil
}

// CheckValue returns why a value can't be one. Its error does not repeat it.
func CheckValue(value string) error {
	switch {
	case len(value) > MaxValue:
		return fmt.Errorf("value has %d bytes; at most %d are allowed", len(value), MaxValue)
	case len(strings.TrimSpace(value)) < MinValue:
		return fmt.Errorf("value has fewer than %d bytes without the space around it, so it could not be masked in outputs: write a longer one", MinValue)
	case !utf8.ValidString(value):
		return errors.New("value is not valid UTF-8; write binary data as base64")
	case strings.ContainsRune(value, 0):
		return errors.New("value has a zero byte, which no environment can hold; write binary data as base64")
	}
	return nil
}
