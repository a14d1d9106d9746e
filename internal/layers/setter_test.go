package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// setters is the types that may have methods that only set a field, and why.
var setters = map[string]string{
	"internal/state.Tx":           "a transaction is written to until it is committed",
	"internal/launchform.Confirm": "the body of an answer, which others embed",
	"internal/command.Notifying":  "a command is data that is complete when it is proposed",
}

// A room is complete when it is made: what it needs is in its Config. A method that only keeps its argument would build it in two
// phases.
func TestNoRoomIsBuiltInTwoPhases(t *testing.T) {
	set := token.NewFileSet()
	used := make(map[string]bool)
	for _, name := range sources(t, "../../internal") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		dir := strings.TrimPrefix(name[:strings.LastIndex(name, "/")], "../../")
		for _, d := range parsed.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !onlySets(fn) {
				continue
			}
			if owner := dir + "." + receiver(fn); setters[owner] != "" {
				used[owner] = true
			} else {
				t.Errorf("%s: %s only sets a field: give it to the constructor, or a reason in setters", set.Position(fn.Pos()), fn.Name.Name)
			}
		}
	}
	for owner := range setters {
		if !used[owner] {
			t.Errorf("setters: %s has none (any more): delete its row", owner)
		}
	}
}

func TestSettersAreFound(t *testing.T) {
	for text, want := range map[string]bool{
		"func (c *C) Observe(o O) { c.o = o }":                       true,
		"func (c *C) Learn(a, b func()) { c.x.a, c.b = a, b }":       true,
		"func (c *C) observe(o O) { c.o = o }":                       false,
		"func (c C) Observe(o O) { c.o = o }":                        false,
		"func (c *C) Count(n int) { c.n += n }":                      false,
		"func (c *C) Reset() { c.o = nil }":                          false,
		"func (c *C) Set(o O) { c.mu.Lock(); c.o = o }":              false,
		"func (c *C) Add(o O) { c.list = append(c.list, o) }":        false,
		"func (c *C) Store(o *O) error { c.o = o; return nil }":      false,
		"func New(o O) *C { return &C{o} }":                          false,
		"func (c *C) Name(o O) { local := o; _ = local; c.f(o, c) }": false,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := onlySets(parsed.Decls[0].(*ast.FuncDecl)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// onlySets reports whether an exported method keeps its parameters in its receiver and does nothing else.
func onlySets(fn *ast.FuncDecl) bool {
	if fn.Recv == nil || fn.Body == nil || !fn.Name.IsExported() || len(fn.Body.List) != 1 || len(fn.Recv.List[0].Names) == 0 {
		return false
	}
	if _, pointer := fn.Recv.List[0].Type.(*ast.StarExpr); !pointer {
		return false
	}
	set, ok := fn.Body.List[0].(*ast.AssignStmt)
	if !ok || set.Tok != token.ASSIGN {
		return false
	}
	params := make(map[string]bool)
	for _, field := range fn.Type.Params.List {
		for _, name := range field.Names {
			params[name.Name] = true
		}
	}
	for _, to := range set.Lhs {
		if rootOf(to) != fn.Recv.List[0].Names[0].Name {
			return false
		}
	}
	for _, from := range set.Rhs {
		if id, ok := from.(*ast.Ident); ok && params[id.Name] {
			return true
		}
	}
	return false
}

// receiver returns the name of a method's type.
func receiver(fn *ast.FuncDecl) string {
	if id, ok := fn.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
