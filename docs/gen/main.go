// Command gen writes the pages of the guide that are made from the code: the reference of all settings.
//
//	go run ./docs/gen          writes them
//	go run ./docs/gen -check   reports whether they are current
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"dkron/internal/config"
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
	var page bytes.Buffer
	page.WriteString("<!-- Made by `make generate` from internal/config. Do not edit. -->\n\n")
	if err := config.Doc(&page); err != nil {
		return err
	}
	path := filepath.Join("docs", "guide", "configuration.md")
	if !check {
		return os.WriteFile(path, page.Bytes(), 0o644)
	}
	have, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, page.Bytes()) {
		return errors.New(path + " is not current; run make generate and keep the result")
	}
	return nil
}
