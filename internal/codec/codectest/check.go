package codectest

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dkron/internal/codec"
)

var update = flag.Bool("update", false, "add new fields and types to testdata/wire.txt; what is there already never changes")

const golden = "testdata/wire.txt"

// Suite is the types of a package that are written somewhere.
type Suite struct {
	Release string // that this source becomes
	Holds   string // what was written by such a type, in the plural: it is said of a change that it breaks these
	// Types has a value of each. Fields of it that are set keep their value, as do those that are interfaces; the others are
	// filled by the test.
	Types []codec.Message
	// Unwritten is fields that Fields leaves out on purpose, as Type.Field.
	Unwritten []string
}

// Check compares the wire form of the types with the golden file of the package whose test runs.
func (s Suite) Check(t *testing.T) {
	t.Helper()
	old, err := readGolden(golden)
	if err != nil {
		t.Fatal(err)
	}
	var now []form
	for _, m := range s.Types {
		f, problems := s.describe(m)
		for _, p := range problems {
			t.Error(p)
		}
		now = append(now, f)
	}
	missing, err := undescribed(now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range missing {
		t.Errorf("%s has a Fields method, but is not in the list of this test: add it", name)
	}
	merged, problems, fresh := s.compare(old, now)
	for _, p := range problems {
		t.Error(p)
	}
	if t.Failed() || len(fresh) == 0 {
		return
	}
	if !*update {
		t.Errorf("not in %s yet:\n  %s\nAdd this with: go test -run '^%s$' . -update", golden, strings.Join(fresh, "\n  "), t.Name())
		return
	}
	if err := writeGolden(golden, merged); err != nil {
		t.Fatal(err)
	}
}

// undescribed returns the types of the package in the current directory that have a Fields method and no form.
func undescribed(forms []form) (missing []string, err error) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != "Fields" {
				continue
			}
			star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			typ := star.X.(*ast.Ident).Name
			if !slices.ContainsFunc(forms, func(f form) bool { return f.name == typ }) {
				missing = append(missing, typ)
			}
		}
	}
	return missing, nil
}

// describe returns the wire form of a type by an example of it, and what is wrong with its Fields method.
func (s Suite) describe(m codec.Message) (f form, problems []string) {
	typ := reflect.TypeOf(m).Elem()
	f.name = typ.Name()
	example := reflect.New(typ)
	example.Elem().Set(reflect.ValueOf(m).Elem())
	names := fill(example.Elem(), false)
	data := codec.Encode(example.Interface().(codec.Message))
	values, order, err := split(data)
	if err != nil {
		return f, []string{fmt.Sprintf("%s: %v", f.name, err)}
	}
	owner := make(map[codec.Number]string)
	for _, name := range names {
		changed := reflect.New(typ)
		changed.Elem().Set(example.Elem())
		disturb(field(changed.Elem(), name))
		other, _, err := split(codec.Encode(changed.Interface().(codec.Message)))
		if err != nil {
			return f, []string{fmt.Sprintf("%s: %v", f.name, err)}
		}
		written := false
		for _, n := range order {
			if string(other[n]) != string(values[n]) {
				written = true
				if _, has := owner[n]; !has {
					owner[n] = name
				}
			}
		}
		if unwritten := slices.Contains(s.Unwritten, f.name+"."+name); written == unwritten {
			if written {
				problems = append(problems, fmt.Sprintf("%s.%s is written; take it off the list of those that are not", f.name, name))
			} else {
				problems = append(problems, fmt.Sprintf("%s.%s is not written by Fields: it would be lost on the way to disk or to another "+
					"node. Give it a number at the end, or name it in Unwritten", f.name, name))
			}
		}
		if !written {
			field(example.Elem(), name).SetZero()
		}
	}
	for _, n := range order {
		if owner[n] == "" {
			problems = append(problems, fmt.Sprintf("%s: field %d is written, but depends on no field of the type", f.name, n))
			continue
		}
		f.fields = append(f.fields, fieldForm{
			number: n, name: owner[n], typ: typeName(field(example.Elem(), owner[n]).Type()), since: s.Release, data: values[n]})
	}
	back := reflect.New(typ)
	keepInterfaces(back.Elem(), example.Elem())
	if err := codec.Decode(data, back.Interface().(codec.Message)); err != nil {
		problems = append(problems, fmt.Sprintf("%s: what was written can't be read: %v", f.name, err))
	} else if !reflect.DeepEqual(back.Interface(), example.Interface()) {
		problems = append(problems, fmt.Sprintf("%s is read back otherwise than it was written:\n got %+v\nwant %+v", f.name, back, example))
	}
	return f, problems
}

// readGolden returns what is in the file; nothing if there is none.
func readGolden(path string) ([]form, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(string(data))
}

func writeGolden(path string, forms []form) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text(forms)), 0o644)
}
