package builtin_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dkron/internal/toytest"
)

// toy is what somebody writes who follows a row of "I want to add" in CONTRIBUTING.md: a folder, a row of a table, and the import
// that the row needs.
type toy struct {
	folder           string
	table, last, row string
	tests            string // those of all of its kind
	page             string // of the guide, which it lacks so far
}

var toys = map[string]toy{
	"executor": {
		folder: `// Package toy is an executor that does nothing.
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
`,
		table: "builtin.go", last: "\t\t{\"http\", httpcall.New(o.Reach)},\n", row: "\t\t{\"toy\", toy.Executor{}},\n",
		tests: "Executor|Example", page: "executor-toy.md",
	},
	"processor": {
		folder: `// Package toy is a processor that does nothing.
package toy

import (
	"context"
	"encoding/json"

	"dkron/plugin"
)

// Processor does nothing.
type Processor struct{}

// Process leaves the output as it is.
func (Processor) Process(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	return &plugin.ProcessResponse{}, nil
}

// Describe names the keys.
func (Processor) Describe() json.RawMessage {
	return plugin.Schema{Description: "Does nothing.", Properties: []plugin.Property{
		{Name: "colour", Title: "Colour", Description: "The colour of it."},
		plugin.ForwardProperty(), plugin.OnProperty(), plugin.OrderProperty(),
	}}.JSON()
}

// Check finds what is wrong with the common keys.
func (Processor) Check(config map[string]string) []plugin.Problem { return plugin.CheckForward(config) }
`,
		table: "processor.go", last: "\t\t{\"elasticsearch\", elasticoutput.New(o.ConfigDirs, o.Reach, o.Logger)},\n", row: "\t\t{\"toy\", toy.Processor{}},\n",
		tests: "Processor|Example", page: "processor-toy.md",
	},
}

// The test adds one to a copy of the module that shares all other files, and runs the tests that look at every one.
func TestAddingAnExecutorOrAProcessorTouchesItsFolderARowAndItsPage(t *testing.T) {
	for kind, toy := range toys {
		t.Run(kind, func(t *testing.T) { addToy(t, toy) })
	}
}

func addToy(t *testing.T, toy toy) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(toy.table)
	if err != nil {
		t.Fatal(err)
	}
	withRow := strings.Replace(string(table), toy.last, toy.last+toy.row, 1)
	withImport := strings.Replace(withRow, "\t\"dkron/plugin\"\n", "\t\"dkron/builtin/toy\"\n\t\"dkron/plugin\"\n", 1)
	file := toytest.Overlay(t, root, map[string]string{"builtin/toy/toy.go": toy.folder, "builtin/" + toy.table: withImport})
	run := func(args ...string) (string, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("test", "-count=1", "-vet=off", "-overlay="+file, "-run="+toy.tests, "-skip=Adding", "./builtin"); err != nil {
		t.Errorf("the tests of all of its kind fail with it:\n%s", out)
	}
	if out, err := run("build", "-overlay="+file, "./builtin/...", "./internal/app"); err != nil {
		t.Errorf("the node can't be built with it:\n%s", out)
	}
	out, err := run("run", "-overlay="+file, "./docs/gen", "-check")
	if err == nil || !strings.Contains(out, toy.page) {
		t.Errorf("nothing asks for its page of the guide: %v\n%s", err, out)
	}
}
