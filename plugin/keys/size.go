package keys

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// maxSizeLen bounds the text of a size; a longer one is an error.
const maxSizeLen = 64

var sizeUnits = map[string]uint{
	"": 0, "B": 0, "BYTES": 0,
	"K": 10, "KB": 10,
	"M": 20, "MB": 20,
	"G": 30, "GB": 30,
	"T": 40, "TB": 40,
}

// Size reads a number of bytes: a decimal number directly followed by a unit of 1024, in any case. The result is at
// least 1 and fits 63 bits; a fraction of a byte is dropped.
func Size(text string) (int64, error) {
	s := strings.TrimSpace(text)
	if s == "" || len(s) > maxSizeLen {
		return 0, fmt.Errorf("invalid size %.64q", text)
	}
	end := len(s) - len(strings.TrimLeft(s, "0123456789."))
	number, unit := s[:end], strings.ToUpper(s[end:])
	shift, ok := sizeUnits[unit]
	if number == "" {
		return 0, fmt.Errorf("invalid size %q", text)
	}
	if !ok {
		return 0, fmt.Errorf("unknown unit %q", s[end:])
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, fmt.Errorf("invalid number %q", number)
	}
	value.Mul(value, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), shift)))
	bytes := new(big.Int).Quo(value.Num(), value.Denom())
	switch {
	case bytes.Sign() <= 0:
		return 0, errors.New("the limit must be at least one byte")
	case !bytes.IsInt64():
		return 0, fmt.Errorf("size %q is too large", text)
	}
	return bytes.Int64(), nil
}

// SizeInWords writes a number of bytes in the largest unit of which it is a multiple.
func SizeInWords[N int64 | uint64](bytes N) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB"}
	at := 0
	for bytes >= 1024 && bytes%1024 == 0 && at < len(units)-1 {
		bytes /= 1024
		at++
	}
	return fmt.Sprintf("%d %s", bytes, units[at])
}
