package shell

import "strings"

// envKey is the form of a variable's name in which equal names are equal.
func envKey(name string) string { return strings.ToUpper(name) }
