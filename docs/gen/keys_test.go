package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dkron/internal/config"
	"dkron/plugin"
)

func TestAKeysRowSaysAllThatIsDescribed(t *testing.T) {
	got, err := keyTable("executor_config", plugin.Schema{Properties: []plugin.Property{
		{Name: "b", Required: true, Title: "B", Description: "What | to do.", Examples: []string{"a|b"}},
		{Name: "a", Title: "A", Description: "How.", Default: "1s", Examples: []string{"x", "y"}},
		{Name: "c", Title: "C", Description: "Where.", ContentMediaType: plugin.MediaJSON, ContentSchema: plugin.Lines()},
	}}.JSON())
	const want = "| key of `executor_config` | default | meaning |\n|---|---|---|\n" +
		"| `b` | required | What \\| to do. Example: `a\\|b` |\n" +
		"| `a` | `1s` | How. Examples: `x`, `y` |\n" +
		"| `c` |  | Where. Written as JSON in the string. |\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if got, err = keyTable("executor_config", plugin.Schema{}.JSON()); err != nil || string(got) != "It has no keys of `executor_config`.\n" {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestAnExecutorWithoutAPageOrAPlaceOnItIsNamed(t *testing.T) {
	_, err := builtinPages(func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	_, err = builtinPages(func(string) ([]byte, error) { return []byte("# A page\n"), nil })
	if err == nil || !strings.Contains(err.Error(), "has no place for the table of keys") {
		t.Error(err)
	}
}

// The tables of built-in executors and processors, and that of the settings, have all that these say of themselves, and nothing else.
// Those of plugins are compared by make check, which builds their programs.
func TestPagesOfWhatIsBuiltInAreCurrent(t *testing.T) {
	read := func(path string) ([]byte, error) { return os.ReadFile(filepath.Join("..", "..", path)) }
	pages, err := builtinPages(read)
	if err != nil {
		t.Fatal(err)
	}
	var settings bytes.Buffer
	settings.WriteString(settingsBegin)
	if err := config.Doc(&settings); err != nil {
		t.Fatal(err)
	}
	pages[settingsPage] = settings.Bytes()
	for path, want := range pages {
		if have, err := read(path); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s is not current, %v; run make generate and keep the result", path, err)
		}
	}
}

func TestWhatIsAroundTheTableStays(t *testing.T) {
	pages, err := builtinPages(func(path string) ([]byte, error) {
		kind, _, _ := strings.Cut(filepath.Base(path), "-")
		return []byte("before\n" + keysBegin(kind) + "old\n" + keysEnd + "after\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, page := range pages {
		kind, _, _ := strings.Cut(filepath.Base(path), "-")
		text := string(page)
		if !strings.HasPrefix(text, "before\n"+keysBegin(kind)+"\n") || !strings.HasSuffix(text, "\n\n"+keysEnd+"after\n") || !strings.Contains(text, "key") || strings.Contains(text, "\nold\n") {
			t.Errorf("%s:\n%s", path, text)
		}
	}
}
