package builtin_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dkron/builtin"
	"dkron/plugin"
)

// Every built-in processor says what its configuration can have, in words that fit a form and the guide, and what it gives
// as an example or a default is right by its own rules.
func TestEachProcessorDescribesItself(t *testing.T) {
	all := builtin.NewProcessors(builtin.ProcessorOptions{})
	if len(all.Names()) != len(all.ByName()) {
		t.Errorf("two have one name: %v", all.Names())
	}
	for name, processor := range all.ByName() {
		t.Run(name, func(t *testing.T) {
			var got description
			if err := json.Unmarshal(processor.(plugin.Describer).Describe(), &got); err != nil {
				t.Fatal(err)
			}
			if !isSentence(got.Description) {
				t.Errorf("the description is no sentence: %q", got.Description)
			}
			for key, p := range got.Properties {
				checkWords(t, key, p)
				for _, value := range append(p.Examples, p.Default) {
					if value == "" {
						continue
					}
					for _, problem := range processor.(plugin.Checker).Check(map[string]string{key: value, "address": "udp://logs"}) {
						if problem.Key == key && !strings.HasPrefix(key, "tls") { // these need others
							t.Errorf("%s %q %s", key, value, problem.Text)
						}
					}
				}
			}
		})
	}
}

// The examples for packages are right when their lines are no comments any more.
func TestExamplesOfFilesHaveNoProblems(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"email", "slack", "elasticsearch"} {
		file := "dkron-processor-" + name + ".yml"
		data, err := os.ReadFile(filepath.Join("..", "packaging", file))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(data), "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, "#") && (!strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "#  ")) {
				lines[i] = line[1:]
			}
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	builtin.NewProcessors(builtin.ProcessorOptions{ConfigDirs: []string{dir}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if strings.Count(log.String(), "entries=1") != 3 || strings.Contains(log.String(), "WARN") {
		t.Error(log.String())
	}
}

// What an entry of a file can have is known from the warning about a key that it can't have. The guide has each key, and no other.
func TestTheGuideHasEachKeyOfEachFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"email", "slack", "elasticsearch"} {
		if err := os.WriteFile(filepath.Join(dir, "dkron-processor-"+name+".yml"), []byte("ops:\n  q: q\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	builtin.NewProcessors(builtin.ProcessorOptions{ConfigDirs: []string{dir}, Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	for _, name := range []string{"email", "slack", "elasticsearch"} {
		known := regexp.MustCompile(`dkron-processor-` + name + `.yml:1: entry [^;]*; the keys are ([\w, ]+)"`).FindStringSubmatch(log.String())
		page, err := os.ReadFile("../docs/guide/processor-" + name + ".md")
		_, table, found := strings.Cut(string(page), "\n| key of an entry | default | meaning |\n|---|---|---|\n")
		if err != nil || !found || known == nil {
			t.Fatalf("%s: %v, table: %t, log: %s", name, err, found, &log)
		}
		table, _, _ = strings.Cut(table, "\n\n")
		var described []string
		for row := range strings.Lines(table) {
			first, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " |")
			described = append(described, strings.FieldsFunc(first, func(r rune) bool { return strings.ContainsRune("`, ", r) })...)
		}
		want := strings.Split(known[1], ", ")
		slices.Sort(described)
		slices.Sort(want)
		if !slices.Equal(described, want) {
			t.Errorf("the page of %s has %q, an entry can have %q", name, described, want)
		}
	}
}
