//go:build !unix

package pluginhost

// trust relies on the rights of the folders that plugins are looked for in.
func trust(string) error { return nil }
