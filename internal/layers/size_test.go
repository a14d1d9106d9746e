package layers

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"strings"
	"testing"
)

// Limits in lines. A file includes its tests' files, each of its own; a package is counted without tests.
const (
	maxFile     = 500
	maxFunction = 60
	maxPackage  = 4000
)

// size is the lines of one thing: a file, a function as file:name, or a package.
type size struct {
	what  string
	lines int
	limit int
	hint  string
}

func TestNothingIsTooBig(t *testing.T) {
	used := make(map[string]bool)
	for _, s := range measure(t, "../..") {
		reason, excused := oversize[s.what]
		switch {
		case s.lines <= s.limit:
		case excused:
			used[s.what] = true
			if reason == "" {
				t.Errorf("oversize: %s has no reason", s.what)
			}
		default:
			t.Error(s)
		}
	}
	for what := range oversize {
		if !used[what] {
			t.Errorf("oversize: %s is not too big (any more): delete its row in plan_test.go", what)
		}
	}
}

func (s size) String() string {
	return fmt.Sprintf("%s has %d lines, at most %d are allowed: %s, or give a reason in oversize in plan_test.go", s.what, s.lines, s.limit, s.hint)
}

func TestSizesAreMeasured(t *testing.T) {
	long := "package x\n\nfunc long() {" + strings.Repeat("\n\tf()", 59) + "\n}\n\nfunc (t *T) fits() {" + strings.Repeat("\n\tf()", 58) + "\n}\n"
	var found []string
	for _, s := range measureFile(t, "internal/x/y.go", []byte(long)) {
		if s.lines > s.limit {
			found = append(found, s.what)
		}
	}
	if got := strings.Join(found, " "); got != "internal/x/y.go:long" {
		t.Errorf("too big: %s", got)
	}
	for lines, want := range map[int]bool{499: false, 500: false, 501: true} {
		whole := measureFile(t, "x.go", []byte("package x\n"+strings.Repeat("\n", lines-1)))[0]
		if got := whole.lines > whole.limit; whole.lines != lines || got != want {
			t.Errorf("a file of %d lines: %+v", lines, whole)
		}
	}
}

func measure(t *testing.T, dir string) (sizes []size) {
	t.Helper()
	packages := make(map[string]int)
	for _, name := range sources(t, dir) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name = strings.TrimPrefix(name, dir+"/")
		if !strings.HasSuffix(name, "_test.go") {
			packages[path.Dir(name)] += bytes.Count(data, []byte{'\n'})
		}
		sizes = append(sizes, measureFile(t, name, data)...)
	}
	for name, lines := range packages {
		limit, hint := maxPackage, "find the room that can come out of it"
		if small, ok := small[name]; ok {
			limit, hint = small.lines, small.why
		}
		sizes = append(sizes, size{name, lines, limit, hint})
	}
	return sizes
}

// measureFile returns the size of a file, and of its functions.
func measureFile(t *testing.T, name string, data []byte) []size {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, name, data, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	sizes := []size{{name, bytes.Count(data, []byte{'\n'}), maxFile, "split it by what its parts are about"}}
	for _, d := range parsed.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			lines := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1
			sizes = append(sizes, size{name + ":" + fn.Name.Name, lines, maxFunction, "a function fits a screen"})
		}
	}
	return sizes
}
