package newcomer

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the tree as seen from this package.
const root = "../.."

// tree is a copy of the tree.
type tree struct {
	t       *testing.T
	dir     string
	changed map[string]string // files of the real tree, by what they are here
}

// copyTree copies all files: a link would be cheaper, but what a generator writes in the copy would be in the tree too.
func copyTree(t *testing.T) tree {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if slices.Contains([]string{".git", "bin", "dist", filepath.Join("web", "node_modules"), filepath.Join("web", "e2e", "out")}, path) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil // .git of a worktree is a file
		}
		to := filepath.Join(dir, path)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return copyFile(name, to)
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree{t, dir, make(map[string]string)}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}

// add writes a new file.
func (w tree) add(path, text string) {
	w.t.Helper()
	name := filepath.Join(w.dir, path)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if _, err := os.Stat(name); err == nil {
		w.t.Fatalf("%s is there already", path)
	}
	w.write(path, text)
}

func (w tree) write(path, text string) {
	w.t.Helper()
	name := filepath.Join(w.dir, path)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	original, err := filepath.Abs(filepath.Join(root, path))
	if err != nil {
		w.t.Fatal(err)
	}
	w.changed[original] = name
}

// insert puts text after the first line of a file that contains mark.
func (w tree) insert(path, mark, text string) {
	w.t.Helper()
	name := filepath.Join(w.dir, path)
	data, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, mark) })
	if i < 0 {
		w.t.Fatalf("%s has no line with %q: the toy goes where it is now, and so does the checklist of CONTRIBUTING.md", path, mark)
	}
	w.write(path, strings.Join(slices.Insert(lines, i+1, text), ""))
}

// run runs a command in the copy, below in.
func (w tree) run(in string, command ...string) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), command[0], command[1:]...)
	c.Dir = filepath.Join(w.dir, in)
	if out, err := c.CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
}

// check runs those tests of packages that match a pattern, in the real tree, with the changes laid over it: what was not
// changed comes from the cache. Tests that read sources see the real ones; run those in the copy.
func (w tree) check(pattern string, packages ...string) {
	w.t.Helper()
	text, err := json.Marshal(map[string]any{"Replace": w.changed})
	if err != nil {
		w.t.Fatal(err)
	}
	overlay := filepath.Join(w.t.TempDir(), "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	c := exec.CommandContext(w.t.Context(), "go", slices.Concat([]string{"test", "-overlay", overlay, "-run", pattern}, packages)...)
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		w.t.Fatalf("%v\n%s", err, out)
	}
}
