package command

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A command without a row would be written to the log as kind 0, which no server can read.
func TestEveryCommandHasARow(t *testing.T) {
	var declared, listed []string
	for _, name := range sources(t) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Name.Name == "Apply" && fn.Recv != nil && name != "machine.go" {
				declared = append(declared, fn.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if x, ok := n.(*ast.IndexExpr); ok {
				if f, ok := x.X.(*ast.Ident); ok && f.Name == "of" {
					listed = append(listed, x.Index.(*ast.Ident).Name)
				}
			}
			return true
		})
	}
	slices.Sort(declared)
	slices.Sort(listed)
	if !slices.Equal(declared, listed) {
		t.Errorf("types with Apply: %v\nrows of the table: %v", declared, listed)
	}
}

func sources(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_test.go") })
}

func TestEachKindIsOfOneCommandAndReadsBackAsIt(t *testing.T) {
	for _, r := range table {
		data := Encode(r.fresh())
		if Kind(data[0]) != r.kind {
			t.Errorf("%T is written as kind %d, but is %d", r.fresh(), data[0], r.kind)
		}
		if c, err := decode(data); err != nil || !r.is(c) {
			t.Errorf("kind %d reads back as %T, %v", r.kind, c, err)
		}
	}
	if kinds := slices.Sorted(maps.Keys(kinds)); len(kinds) != len(table) || kinds[0] == 0 {
		t.Errorf("%d commands share the kinds %v", len(table), kinds)
	}
}
