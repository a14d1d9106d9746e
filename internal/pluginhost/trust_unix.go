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
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
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
		for p := start; ; p = filepath.Dir(p) {
			if err := owned(p, p == filepath.Dir(target) || p == filepath.Dir(path)); err != nil {
				return err
			}
			if p == filepath.Dir(p) {
				break
			}
		}
	}
	return nil
}

// owned returns how others could change a file or folder. Where others can add files but replace none, such as /tmp, a folder below
// is safe, and a plugin directly in it is not: they could add one, as a link to some program of root.
func owned(path string, direct bool) error {
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
	sticky := info.IsDir() && mode&fs.ModeSticky != 0
	if sticky && (!direct || mode&0o022 == 0) {
		return nil
	}
	if sticky {
		return fmt.Errorf("others may add files to %s: move the plugin to a folder of its own", path)
	}
	if mode&0o002 != 0 {
		return fmt.Errorf("everybody may write %s: chmod o-w it", path)
	}
	if gid := int(stat.Gid); mode&0o020 != 0 && gid != 0 && gid != os.Getegid() {
		return fmt.Errorf("group %d may write %s: chmod g-w it", gid, path)
	}
	return nil
}
