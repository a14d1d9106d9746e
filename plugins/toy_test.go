package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dkron/internal/toytest"
)

// What somebody writes who follows "I want to add an executor with a library" in CONTRIBUTING.md.
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
		{Name: "colour", Title: "Colour", Description: "The colour of it."},
	}}.JSON()
}

// Check finds nothing.
func (Executor) Check(map[string]string) []plugin.Problem { return nil }
`
	lastRow = "\t\t{name: \"rabbitmq\", executor: func() plugin.Executor { return rabbitmq.New() }},\n"
	toyRow  = "\t\t{name: \"toy\", executor: func() plugin.Executor { return toy.Executor{} }},\n"
)

// The test adds a plugin to a copy of the module that shares all other files, runs the tests that look at every plugin, and tries the
// program as a plugin.
func TestAddingAPluginTouchesItsFolderAndARow(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	table, err := os.ReadFile("table.go")
	if err != nil {
		t.Fatal(err)
	}
	withRow := strings.Replace(string(table), lastRow, lastRow+toyRow, 1)
	withImport := strings.Replace(withRow, "\t\"dkron/plugins/rabbitmq\"\n", "\t\"dkron/plugins/rabbitmq\"\n\t\"dkron/plugins/toy\"\n", 1)
	file := toytest.Overlay(t, here, map[string]string{"toy/toy.go": toyFolder, "table.go": withImport})
	for _, args := range [][]string{
		{"test", "-count=1", "-vet=off", "-overlay=" + file, "-run=Describes", "."},
		{"build", "-overlay=" + file, "-o", filepath.Join(dir, "dkron-plugins"), "."},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %s:\n%s", args[0], out)
		}
	}
	out, err := exec.Command(filepath.Join(dir, "dkron-plugins"), "install", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("install: %v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "dkron-executor-toy")); err != nil {
		t.Error(err)
	}
}
