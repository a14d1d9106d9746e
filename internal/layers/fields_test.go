package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// A value may be encoded by several goroutines at once, so a Fields method and its helpers assign to what they are
// given only inside if w.Reading().
func TestEncodingNeverAssigns(t *testing.T) {
	set := token.NewFileSet()
	for _, name := range sources(t, "../..") {
		if strings.Contains(name, "internal/codec/") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range assignsWhileEncoding(parsed) {
			t.Errorf("%s: assigns to the value that it describes, also while it is encoded: put this inside if w.Reading()", set.Position(at))
		}
	}
}

func TestAssignmentsWhileEncodingAreFound(t *testing.T) {
	for body, want := range map[string]int{
		"j.Retries = 1":                                        1,
		"j.Retries++":                                          1,
		"(*p)[0] = 1":                                          1,
		"*p = nil":                                             1,
		"if w.Reading() { *p = nil }":                          0,
		"if w.Reading() && ok { j.Retries++ }":                 0,
		"if !w.Reading() { return }; *p = nil":                 0,
		"if !w.Reading() || none { return }; *p = nil":         0,
		"if !w.Reading() { j.Retries = 1 }":                    1,
		"if w.Reading() { return }; *p = nil":                  1,
		"var n int; n = 1; list := []int{}; list[0], n = 1, 2": 0,
		"for i := range 3 { i = 1 }":                           0,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc (j *Job) Fields(w *codec.Wire, p *[]int) {"+body+"}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(assignsWhileEncoding(parsed)); got != want {
			t.Errorf("%s: %d found, want %d", body, got, want)
		}
	}
}

// assignsWhileEncoding returns where functions with a *codec.Wire parameter assign to anything but their local
// variables, except in statements that only run while reading: inside if w.Reading(), or after a return unless so.
func assignsWhileEncoding(file *ast.File) (found []token.Pos) {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if ok && fn.Body != nil && slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool { return isWire(p.Type) }) {
			found = append(found, outerAssignments(fn.Body, localsOf(fn.Body))...)
		}
	}
	return found
}

func isWire(typ ast.Expr) bool {
	star, ok := typ.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Wire"
}

// localsOf returns the names that a body declares.
func localsOf(body *ast.BlockStmt) map[string]bool {
	locals := map[string]bool{"_": true}
	note := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			locals[id.Name] = true
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for _, id := range n.Names {
				note(id)
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					note(e)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				note(n.Key)
				note(n.Value)
			}
		}
		return true
	})
	return locals
}

func outerAssignments(body *ast.BlockStmt, locals map[string]bool) (found []token.Pos) {
	check := func(e ast.Expr) {
		if !locals[rootOf(e)] {
			found = append(found, e.Pos())
		}
	}
	for _, s := range body.List {
		if cond, ok := s.(*ast.IfStmt); ok {
			if reads(cond.Cond, false) {
				continue
			}
			if reads(cond.Cond, true) && returns(cond.Body) {
				return append(found, outerAssignments(cond.Body, locals)...) // what comes after runs only while reading
			}
		}
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, e := range n.Lhs {
					check(e)
				}
			case *ast.IncDecStmt:
				check(n.X)
			}
			return true
		})
	}
	return found
}

// reads reports whether a condition that holds means that w is reading, or, with not, whether one that doesn't hold does.
func reads(cond ast.Expr, not bool) bool {
	switch e := cond.(type) {
	case *ast.BinaryExpr:
		both := token.LAND
		if not {
			both = token.LOR
		}
		return e.Op == both && (reads(e.X, not) || reads(e.Y, not))
	case *ast.UnaryExpr:
		return not && e.Op == token.NOT && reads(e.X, false)
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		return !not && ok && sel.Sel.Name == "Reading"
	}
	return false
}

func returns(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	_, ok := body.List[len(body.List)-1].(*ast.ReturnStmt)
	return ok
}

// rootOf returns the variable that an expression reaches into.
func rootOf(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}
