package main

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"dkron/plugin"
)

func TestAKeysRowSaysAllThatIsDescribed(t *testing.T) {
	got, err := keyTable(plugin.Schema{Properties: []plugin.Property{
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

func TestWhatIsAroundTheTableStays(t *testing.T) {
	pages, err := builtinPages(func(string) ([]byte, error) {
		return []byte("before\n" + keysBegin + "old\n" + keysEnd + "after\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, page := range pages {
		text := string(page)
		if !strings.HasPrefix(text, "before\n"+keysBegin+"\n| key") || !strings.HasSuffix(text, "|\n\n"+keysEnd+"after\n") || strings.Contains(text, "old") {
			t.Errorf("%s:\n%s", path, text)
		}
	}
}
