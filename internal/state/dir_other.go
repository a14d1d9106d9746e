//go:build !unix

package state

// directory does nothing: directories can't be synced here.
type directory struct{}

func openDir(string) (directory, error) { return directory{}, nil }

func (directory) Sync() error  { return nil }
func (directory) Close() error { return nil }
