package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// nodeKey is the key that each line of a node's log has already: app gives it to the logger that all rooms get.
const nodeKey = "node"

// A line of the log has each key once. Readers of JSON would see only one of two values, and not all the same one.
func TestALogLineHasEachKeyOnce(t *testing.T) {
	set := token.NewFileSet()
	for _, dir := range []string{"../../internal", "../../builtin", "../../cmd"} {
		for _, name := range sources(t, dir) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					for _, key := range repeatedKeys(call) {
						t.Errorf("%s: the line has the key %q twice; each line has %q, the node that writes it: another node is a member", set.Position(call.Pos()), key, nodeKey)
					}
				}
				return true
			})
		}
	}
}

func TestRepeatedLogKeysAreFound(t *testing.T) {
	for text, want := range map[string][]string{
		`log.Info("attached", "member", m, "addr", a)`:     nil,
		`log.Info("attached", "node", m)`:                  {"node"},
		`x.cfg.Logger.Warn("lost", "job", a, "job", b)`:    {"job"},
		`log.Log(ctx, level, "x", "node", m)`:              {"node"},
		`log.With("node", name)`:                           nil, // gives the key
		`log.Info("node", "value", "node")`:                nil, // a text, and a value
		`fmt.Errorf("node %s", "node", "node")`:            nil,
		`t.Error("x", "node", m)`:                          {"node"},
		`log.Error("x", append(about, "job", "job")...)`:   nil,
		`log.Debug("x", slog.String("node", m), "job", j)`: nil,
	} {
		parsed, err := parser.ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := repeatedKeys(parsed.(*ast.CallExpr)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// repeatedKeys returns the keys that a call of a logger gives twice, or that its line has anyway. It sees keys that are written
// in the call.
func repeatedKeys(call *ast.CallExpr) (keys []string) {
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	first := 1 // after the text
	switch fn.Sel.Name {
	case "Debug", "Info", "Warn", "Error":
	case "Log":
		first = 3
	default:
		return nil
	}
	seen := []string{nodeKey}
	for i := first; i < len(call.Args); i += 2 {
		text, ok := call.Args[i].(*ast.BasicLit)
		if !ok || text.Kind != token.STRING {
			break // not a pair
		}
		key, err := strconv.Unquote(text.Value)
		if err == nil && slices.Contains(seen, key) {
			keys = append(keys, key)
		}
		seen = append(seen, key)
	}
	return keys
}
