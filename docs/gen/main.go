// Command gen writes what of the guide is made from the code: the reference of all settings, and the table of keys on the
// page of each executor and processor, built in or of a module of plugins.
//
//	go run ./docs/gen          writes them
//	go run ./docs/gen -check   reports whether they are current
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"dkron/internal/config"
)

// settingsPage is the reference of all settings, of which all is made.
const (
	settingsPage  = "docs/guide/configuration.md"
	settingsBegin = "<!-- Made by `make generate` from internal/config. Do not edit. -->\n\n"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail if a page is not current")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	pages, err := builtinPages(os.ReadFile)
	if err != nil {
		return err
	}
	modules, err := filepath.Glob(filepath.Join("plugins*", "go.mod"))
	if err != nil {
		return err
	}
	for _, file := range modules {
		more, err := pluginPages(filepath.Dir(file), os.ReadFile)
		if err != nil {
			return err
		}
		maps.Copy(pages, more)
	}
	var settings bytes.Buffer
	settings.WriteString(settingsBegin)
	if err := config.Doc(&settings); err != nil {
		return err
	}
	pages[settingsPage] = settings.Bytes()
	for _, path := range slices.Sorted(maps.Keys(pages)) {
		if err := write(path, pages[path], check); err != nil {
			return err
		}
	}
	return nil
}

// write writes a page, or only checks that it is current.
func write(path string, page []byte, check bool) error {
	if !check {
		return os.WriteFile(path, page, 0o644)
	}
	have, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, page) {
		return errors.New(path + " is not current; run make generate and keep the result")
	}
	return nil
}
