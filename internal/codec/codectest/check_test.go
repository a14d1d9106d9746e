package codectest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/internal/codec"
)

// book writes its fields as told, so that each test can break another rule.
type book struct {
	Title string
	Year  uint64
	Lent  time.Time
	Notes []string
	Inner page
}

func (b *book) Fields(w *codec.Wire) {
	if fieldsOfBook != nil {
		fieldsOfBook(b, w)
	}
}

type page struct{ Text string }

func (p *page) Fields(w *codec.Wire) { w.String(1, &p.Text) }

// fieldsOfBook is set by one test at a time.
var fieldsOfBook func(b *book, w *codec.Wire)

func first(b *book, w *codec.Wire) {
	w.String(1, &b.Title)
	w.Uint(2, &b.Year)
	w.Time(3, &b.Lent)
	codec.Nested(w, 4, &b.Inner)
}

func formOf(t *testing.T, s Suite, fields func(b *book, w *codec.Wire)) (form, []string) {
	t.Helper()
	fieldsOfBook = fields
	t.Cleanup(func() { fieldsOfBook = nil })
	return s.describe(new(book))
}

func suite() Suite {
	return Suite{Release: "0.1.0", Holds: "libraries", Unwritten: []string{"book.Notes"}}
}

func TestChangesOfFieldsAreNamed(t *testing.T) {
	s := suite()
	old, problems := formOf(t, s, first)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		name   string
		fields func(b *book, w *codec.Wire)
		want   string
	}{
		{"renumbered", func(b *book, w *codec.Wire) {
			w.String(1, &b.Title)
			w.Time(3, &b.Lent)
			codec.Nested(w, 4, &b.Inner)
			w.Uint(5, &b.Year)
		}, "field 2 of book was Year (uint) and now has number 5: libraries written by 0.1.0 and later could no longer be read"},
		{"swapped", func(b *book, w *codec.Wire) {
			w.Uint(1, &b.Year)
			w.String(2, &b.Title)
			w.Time(3, &b.Lent)
			codec.Nested(w, 4, &b.Inner)
		}, "field 1 of book was Title (string) and now has number 2"},
		{"retyped", func(b *book, w *codec.Wire) {
			first(&book{Title: b.Title, Lent: b.Lent, Inner: b.Inner}, w)
			text := "x"
			w.String(2, &text)
		}, "written after field 4"},
		{"written otherwise", func(b *book, w *codec.Wire) {
			w.String(1, &b.Title)
			double := 2 * b.Year
			w.Uint(2, &double)
			b.Year = double / 2
			w.Time(3, &b.Lent)
			codec.Nested(w, 4, &b.Inner)
		}, "field 2 of book was Year (uint) and is now written as"},
		{"dropped", func(b *book, w *codec.Wire) {
			w.String(1, &b.Title)
			w.Uint(2, &b.Year)
			codec.Nested(w, 4, &b.Inner)
		}, "field 3 of book was Lent (time) and is no longer written"},
	} {
		is, problems := formOf(t, s, c.fields)
		_, more, _ := s.compare([]form{old}, []form{is})
		if got := strings.Join(append(problems, more...), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want something with %q", c.name, got, c.want)
		}
	}
}

func TestAFieldOfAnotherTypeIsNamed(t *testing.T) {
	s := suite()
	old, _ := formOf(t, s, first)
	is := form{name: old.name}
	for _, f := range old.fields {
		if f.name == "Year" {
			f.typ = "int"
		}
		is.fields = append(is.fields, f)
	}
	_, problems, _ := s.compare([]form{old}, []form{is})
	if len(problems) != 1 || !strings.Contains(problems[0], "field 2 of book was Year (uint) and is now of type int") {
		t.Errorf("got %q", problems)
	}
}

func TestAFieldThatIsForgottenIsNamed(t *testing.T) {
	s := suite()
	s.Unwritten = nil
	if _, problems := formOf(t, s, first); len(problems) != 1 || !strings.Contains(problems[0], "book.Notes is not written by Fields") {
		t.Errorf("got %q", problems)
	}
}

func TestANewFieldKeepsWhatWasThere(t *testing.T) {
	s := suite()
	old, _ := formOf(t, s, first)
	s.Release, s.Unwritten = "0.2.0", nil
	is, problems := formOf(t, s, func(b *book, w *codec.Wire) {
		first(b, w)
		w.Strings(5, &b.Notes)
	})
	merged, more, fresh := s.compare([]form{old}, []form{is})
	if len(problems)+len(more) > 0 || len(fresh) != 1 || fresh[0] != "field 5 of book, Notes ([]string)" {
		t.Fatalf("%q, %q, new: %q", problems, more, fresh)
	}
	was, now := text([]form{old}), text(merged)
	if !strings.HasPrefix(now, was) || !strings.Contains(now, "\n5 []string 0.2.0 Notes ") {
		t.Errorf("before:\n%s\nafter:\n%s", was, now)
	}
	if back, err := parse(now); err != nil || text(back) != now {
		t.Errorf("read back, %v:\n%s", err, text(back))
	}
	if _, problems, _ := s.compare([]form{old}, nil); len(problems) != 1 || !strings.Contains(problems[0], "the type book is gone") {
		t.Errorf("without the type: %q", problems)
	}
}

// A package whose types go to disk or to other nodes has a golden file, or is one that only tests import.
func TestEveryPackageWithAWireFormKeepsIt(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "node_modules" || name == "codec" || path != root && strings.HasPrefix(name, ".") && name != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte(" Fields(w *codec.Wire)")) {
			return err
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), golden)); err != nil {
			t.Errorf("%s writes a type, but its package has no %s: add a test as in internal/state/wire_test.go", path, golden)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
