package builtin_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What somebody writes who follows "I want to add an executor" in CONTRIBUTING.md.
const (
	toyFolder = `// Package toy is an executor that does nothing.
package toy

import (
	"context"
	"encoding/json"

	"dkron/plugin"
)

// Executor does nothing.
type Executor struct{}

// Execute succeeds.
func (Executor) Execute(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
	return &plugin.ExecuteResponse{}, nil
}

// Describe names the key.
func (Executor) Describe() json.RawMessage {
	return plugin.Schema{Description: "Does nothing.", Properties: []plugin.Property{
		{Name: "colour", Title: "Colour", Description: "The colour of it.", Enum: []string{"red", "blue"}},
	}}.JSON()
}

// Check finds nothing.
func (Executor) Check(map[string]string) []plugin.Problem { return nil }
`
	lastRow = "\t\t{\"http\", httpcall.New()},\n"
	toyRow  = "\t\t{\"toy\", toy.Executor{}},\n"
)

// The test adds an executor to a copy of the module that shares all other files, and runs the tests that look at every
// executor.
func TestAddingAnExecutorTouchesItsFolderARowAndItsPage(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	put := func(path, text string) {
		file := filepath.Join(dir, strings.ReplaceAll(path, "/", "_"))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, path)] = file
	}
	table, err := os.ReadFile("builtin.go")
	if err != nil {
		t.Fatal(err)
	}
	withRow := strings.Replace(string(table), lastRow, lastRow+toyRow, 1)
	withImport := strings.Replace(withRow, "\t\"dkron/builtin/shell\"\n", "\t\"dkron/builtin/shell\"\n\t\"dkron/builtin/toy\"\n", 1)
	put("builtin/toy/toy.go", toyFolder)
	put("builtin/builtin.go", withImport)
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("test", "-count=1", "-vet=off", "-overlay="+file, "-run=Executor|Example", "-skip=Adding", "./builtin"); err != nil {
		t.Errorf("the tests of all executors fail with it:\n%s", out)
	}
	if out, err := run("build", "-overlay="+file, "./builtin/...", "./internal/app"); err != nil {
		t.Errorf("the node can't be built with it:\n%s", out)
	}
	out, err := run("run", "-overlay="+file, "./docs/gen", "-check")
	if err == nil || !strings.Contains(out, "executor-toy.md") {
		t.Errorf("nothing asks for its page of the guide: %v\n%s", err, out)
	}
}
