package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"dkron/builtin"
	"dkron/plugin"
)

// What is between these lines of an executor's page is made from its description.
const (
	keysBegin = "<!-- Made by `make generate` from what the executor says of itself. Do not edit. -->\n"
	keysEnd   = "<!-- End of what is made. -->\n"
)

// builtinPages returns the pages of the built-in executors as they should be, by path. read returns one as it is.
func builtinPages(read func(path string) ([]byte, error)) (map[string][]byte, error) {
	all := make(map[string]json.RawMessage)
	for name, executor := range builtin.New(slog.New(slog.DiscardHandler)).ByName() {
		describer, ok := executor.(plugin.Describer)
		if !ok {
			return nil, fmt.Errorf("executor %s does not describe itself: implement plugin.Describer", name)
		}
		all[name] = describer.Describe()
	}
	return executorPages(all, read)
}

// pluginPages returns the pages of the executors in a module of plugins: its program prints their descriptions.
func pluginPages(module string, read func(path string) ([]byte, error)) (map[string][]byte, error) {
	cmd := exec.Command("go", "run", ".", "describe")
	cmd.Dir, cmd.Stderr = module, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run the program in %s: %w", module, err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(out, &all); err != nil {
		return nil, fmt.Errorf("read what the program in %s describes: %w", module, err)
	}
	return executorPages(all, read)
}

// executorPages returns the pages of executors by their descriptions.
func executorPages(all map[string]json.RawMessage, read func(path string) ([]byte, error)) (map[string][]byte, error) {
	pages := make(map[string][]byte)
	for name, description := range all {
		table, err := keyTable(description)
		if err != nil {
			return nil, fmt.Errorf("executor %s: %w", name, err)
		}
		path := filepath.Join("docs", "guide", "executor-"+name+".md")
		page, err := read(path)
		if err != nil {
			return nil, fmt.Errorf("the guide's page of the executor %s: %w", name, err)
		}
		before, rest, begins := bytes.Cut(page, []byte(keysBegin))
		_, after, ends := bytes.Cut(rest, []byte(keysEnd))
		if !begins || !ends {
			return nil, fmt.Errorf("%s has no place for the table of keys; write these lines where it belongs:\n%s%s", path, keysBegin, keysEnd)
		}
		pages[path] = slices.Concat(before, []byte(keysBegin+"\n"), table, []byte("\n"+keysEnd), after)
	}
	return pages, nil
}

// keyTable is the table of the keys that a JSON Schema names, in its order.
func keyTable(text []byte) ([]byte, error) {
	var schema struct {
		Properties json.RawMessage `json:"properties"`
		Required   []string        `json:"required"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, fmt.Errorf("read its description: %w", err)
	}
	var out bytes.Buffer
	out.WriteString("| key of `executor_config` | default | meaning |\n|---|---|---|\n")
	members := json.NewDecoder(bytes.NewReader(schema.Properties)) // keeps their order, as a map would not
	if _, err := members.Token(); err != nil {
		return nil, fmt.Errorf("read its properties: %w", err)
	}
	for members.More() {
		key, err := members.Token()
		if err != nil {
			return nil, fmt.Errorf("read its properties: %w", err)
		}
		var p plugin.Property
		if err := members.Decode(&p); err != nil {
			return nil, fmt.Errorf("read %v: %w", key, err)
		}
		name, without := key.(string), ""
		switch {
		case slices.Contains(schema.Required, name):
			without = "required"
		case p.Default != "":
			without = code(p.Default)
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", code(name), without, meaning(p))
	}
	return out.Bytes(), nil
}

// meaning is the description of a key with its examples.
func meaning(p plugin.Property) string {
	text := cell(p.Description)
	if p.ContentMediaType == plugin.MediaJSON {
		text += " Written as JSON in the string."
	}
	switch len(p.Examples) {
	case 0:
		return text
	case 1:
		return text + " Example: " + code(p.Examples[0])
	}
	var all []string
	for _, e := range p.Examples {
		all = append(all, code(e))
	}
	return text + " Examples: " + strings.Join(all, ", ")
}

// code is a text as Markdown shows it unchanged in a cell of a table.
func code(text string) string { return "`" + cell(text) + "`" }

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
