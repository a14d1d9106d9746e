//go:build unix

package shell

// envKey is the form of a variable's name in which equal names are equal.
func envKey(name string) string { return name }
