package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is what the rules check of one file.
type source struct {
	pkg     string // path within the module; "" is the root
	name    string // for messages
	test    bool
	imports []string
	uses    []string // package.Name, by import path
}

func TestTheHouseIsBuiltAsPlanned(t *testing.T) {
	files := readModule(t, "../..")
	if len(files) < 50 {
		t.Fatalf("only %d files found: the test looks in the wrong place", len(files))
	}
	for _, f := range files {
		for _, problem := range f.check() {
			t.Errorf("%s: %s", f.name, problem)
		}
	}
}

func TestEveryRowOfThePlanIsOfUse(t *testing.T) {
	used, libraries, inTests := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, f := range readModule(t, "../..") {
		used[row(f.pkg)] = true
		for _, path := range f.imports {
			libraries[engineOf(path)] = true
			for _, name := range testEngines {
				inTests[name] = inTests[name] || f.test && under(path, name)
			}
		}
	}
	for _, name := range testEngines {
		if !inTests[name] {
			t.Errorf("testEngines: no test imports %s", name)
		}
	}
	for name := range floors {
		if !used[name] && name != "test/..." {
			t.Errorf("floors: there is no package %q", name)
		}
	}
	for name := range engines {
		if !libraries[name] {
			t.Errorf("engines: nothing imports %s", name)
		}
	}
}

// A rule that never fails proves nothing: each kind of mistake must be reported by name.
func TestMistakesAreNamed(t *testing.T) {
	for _, c := range []struct {
		mistake string
		file    source
		want    string
	}{
		{"up", source{pkg: "internal/state", imports: []string{"dkron/internal/command"}}, "up or sideways"},
		{"sideways", source{pkg: "internal/scheduler", imports: []string{"dkron/internal/dispatch"}}, "up or sideways"},
		{"unknown room", source{pkg: "internal/util"}, "not in the plan"},
		{"unknown library", source{pkg: "internal/app", imports: []string{"github.com/x/y"}}, "not in the plan"},
		{"engine in the wrong room", source{pkg: "internal/control", imports: []string{"github.com/hashicorp/raft"}}, "belongs to"},
		{"engine in a test of another room", source{pkg: "internal/control", test: true, imports: []string{"go.etcd.io/bbolt"}}, "belongs to"},
		{"command built elsewhere", source{pkg: "internal/rpc", imports: []string{"dkron/internal/command"}}, "may import"},
		{"executor that knows the house", source{pkg: "builtin/shell", imports: []string{"dkron"}}, "may import only"},
		{"vocabulary that logs", source{pkg: "", imports: []string{"log/slog"}}, "must not import"},
		{"vocabulary that rolls dice", source{pkg: "", imports: []string{"math/rand/v2"}, uses: []string{"math/rand/v2.IntN"}}, "must not use"},
		{"state that reads the clock", source{pkg: "internal/state", uses: []string{"time.Now"}}, "must not use"},
		{"command that rolls dice", source{pkg: "internal/command", imports: []string{"math/rand/v2"}}, "must not import"},
	} {
		if got := strings.Join(c.file.check(), "; "); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want something with %q", c.mistake, got, c.want)
		}
	}
}

// check returns the rules that the file breaks.
func (f *source) check() (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if _, ok := floors[row(f.pkg)]; !ok {
		say("package %s is not in the plan: give it a floor", display(f.pkg))
		return problems
	}
	for _, to := range f.imports {
		var problem string
		if inside, ours := within(to); ours {
			problem = f.checkOurs(inside)
		} else {
			problem = f.checkForeign(to)
		}
		if problem != "" {
			say("%s", problem)
		}
	}
	if f.test {
		return problems
	}
	banned := pure[f.pkg]
	for _, to := range f.imports {
		if slices.ContainsFunc(banned.imports, func(b string) bool { return under(to, b) }) {
			say("package %s must not import %s: it depends on its arguments alone", display(f.pkg), to)
		}
	}
	for _, use := range f.uses {
		if slices.Contains(banned.calls, use) || banned.random && strings.HasPrefix(use, "math/rand") && path.Ext(use) != ".Rand" {
			say("package %s must not use %s: the caller stamps it", display(f.pkg), use)
		}
	}
	return problems
}

// checkOurs checks an import of a package of this module. Below their floor, tests may use what their room may not.
func (f *source) checkOurs(to string) string {
	if to == f.pkg || f.test {
		return ""
	}
	floor, ok := floors[row(to)]
	if !ok {
		return "imports " + display(to) + ", which is not in the plan"
	}
	if floor >= floors[row(f.pkg)] && sideways[edge{row(f.pkg), row(to)}] == "" {
		return fmt.Sprintf("imports %s (floor %d) from %s (floor %d): up or sideways", display(to), floor, display(f.pkg), floors[row(f.pkg)])
	}
	if only, ok := importers[row(to)]; ok && !slices.Contains(only.by, row(f.pkg)) {
		return fmt.Sprintf("only %s may import %s: %s", strings.Join(only.by, " and "), display(to), only.why)
	}
	if allowed, ok := imports[row(f.pkg)]; ok && !slices.Contains(allowed, row(to)) {
		return fmt.Sprintf("package %s may import only %q of this module, not %s", display(f.pkg), allowed, display(to))
	}
	return ""
}

// checkForeign checks an import of a library. The standard library is free unless the plan lists a package.
func (f *source) checkForeign(to string) string {
	if f.test && slices.ContainsFunc(testEngines, func(e string) bool { return under(to, e) }) {
		return ""
	}
	engine := engineOf(to)
	rooms := engines[engine]
	switch {
	case engine == "" && strings.Contains(strings.Split(to, "/")[0], "."):
		return to + " is not in the plan: give the library a room, and the reason in docs/adr"
	case engine != "" && !slices.Contains(rooms, row(f.pkg)):
		return fmt.Sprintf("%s belongs to %s", to, strings.Join(rooms, " and "))
	}
	return ""
}

// engineOf returns the longest entry of engines that matches an import path; "" if none does.
func engineOf(importPath string) (found string) {
	for e := range engines {
		if len(e) > len(found) && (importPath == e || strings.Contains(e, ".") && under(importPath, e)) {
			found = e
		}
	}
	return found
}

// row returns the row of floors for a package.
func row(pkg string) string {
	if _, ok := floors[pkg]; ok {
		return pkg
	}
	for dir := path.Dir(pkg); dir != "."; dir = path.Dir(dir) {
		if _, ok := floors[dir+"/..."]; ok {
			return dir + "/..."
		}
	}
	return pkg
}

func under(importPath, prefix string) bool {
	return importPath == prefix || strings.HasPrefix(importPath, prefix+"/")
}

// within returns the path within this module.
func within(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func display(pkg string) string { return path.Join(module, pkg) }

// sources returns every Go file of the module and of those in its folders, of all platforms and build tags.
func sources(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && name != dir && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules" || base == "bin" || base == "dist") {
			return filepath.SkipDir
		}
		if !d.IsDir() && filepath.Ext(base) == ".go" {
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// readModule reads every Go file of the module itself.
func readModule(t *testing.T, dir string) []*source {
	t.Helper()
	return read(t, dir, func(nested bool) bool { return !nested })
}

// read reads the Go files in modules that keep says yes to.
func read(t *testing.T, dir string, keep func(nested bool) bool) (files []*source) {
	t.Helper()
	set := token.NewFileSet()
	for _, name := range sources(t, dir) {
		if !keep(nested(dir, name)) {
			continue
		}
		parsed, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, newSource(filepath.ToSlash(relative), parsed))
	}
	return files
}

// nested reports whether a file belongs to a module within this one: plugins have modules of their own.
func nested(dir, name string) bool {
	relative, err := filepath.Rel(dir, name)
	top, _, below := strings.Cut(filepath.ToSlash(relative), "/")
	if err != nil || !below {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, top, "go.mod"))
	return err == nil
}

// Plugins in modules of their own see of ours what every author of a plugin sees.
func TestNestedModulesUseOnlyTheKit(t *testing.T) {
	kit := []string{"plugin", "plugin/keys", "plugin/serve"}
	files := read(t, "../..", func(nested bool) bool { return nested })
	if len(files) == 0 {
		t.Fatal("there is no nested module")
	}
	for _, f := range files {
		own, _, _ := strings.Cut(f.name, "/")
		for _, i := range f.imports {
			pkg, ours := within(i)
			if ours && !f.test && !slices.Contains(kit, pkg) && !under(pkg, own) {
				t.Errorf("%s imports %s: of dkron, a plugin imports only %q", f.name, i, kit)
			}
		}
	}
}

func newSource(name string, parsed *ast.File) *source {
	f := &source{name: name, test: strings.HasSuffix(name, "_test.go")}
	if f.pkg = path.Dir(name); f.pkg == "." {
		f.pkg = ""
	}
	names := make(map[string]string) // import path by the name that the file uses for it
	for _, spec := range parsed.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		f.imports = append(f.imports, importPath)
		called := path.Base(importPath)
		if strings.HasPrefix(called, "v") && len(called) < 4 {
			called = path.Base(path.Dir(importPath))
		}
		if spec.Name != nil {
			called = spec.Name.Name
		}
		names[called] = importPath
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && names[x.Name] != "" {
				f.uses = append(f.uses, names[x.Name]+"."+s.Sel.Name)
			}
		}
		return true
	})
	return f
}
