//go:build unix

package pluginhost

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// trust returns why a file must not be started: somebody other than root and the agent's own user could have put it there,
// or could replace it.
func trust(path string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("%s is not executable: chmod +x it, or remove it", path)
	}
	for _, start := range []string{target, filepath.Dir(path)} { // of a link, what it leads to and where it lies
		if start, err = filepath.Abs(start); err != nil {
			return err
		}
		for p := start; ; p = filepath.Dir(p) {
			if err := owned(p); err != nil {
				return err
			}
			if p == filepath.Dir(p) {
				break
			}
		}
	}
	return nil
}

// owned returns how others could change a file or folder.
func owned(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if uid := int(stat.Uid); uid != 0 && uid != os.Geteuid() {
		return fmt.Errorf("%s belongs to user %d, not to root or the agent's user: chown it", path, uid)
	}
	mode := info.Mode()
	if info.IsDir() && mode&fs.ModeSticky != 0 {
		return nil // others can't replace what is not theirs
	}
	if mode&0o002 != 0 {
		return fmt.Errorf("everybody may write %s: chmod o-w it", path)
	}
	if gid := int(stat.Gid); mode&0o020 != 0 && gid != 0 && gid != os.Getegid() {
		return fmt.Errorf("group %d may write %s: chmod g-w it", gid, path)
	}
	return nil
}
