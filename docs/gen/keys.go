package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"dkron/builtin"
	"dkron/plugin"
)

// What is between these lines of a page is made from a description.
func keysBegin(kind string) string {
	return "<!-- Made by `make generate` from what the " + kind + " says of itself. Do not edit. -->\n"
}

const keysEnd = "<!-- End of what is made. -->\n"

// described is something that has a page with a table of its keys.
type described struct {
	kind, name string          // executor or processor
	key        string          // under which a job has its configuration
	schema     json.RawMessage // what it says of itself
}

// builtinPages returns the pages of the built-in executors and processors as they should be, by path. read returns one as
// it is.
func builtinPages(read func(path string) ([]byte, error)) (map[string][]byte, error) {
	var all []described
	add := func(kind, name, key string, value any) error {
		describer, ok := value.(plugin.Describer)
		if !ok {
			return fmt.Errorf("%s %s does not describe itself: implement plugin.Describer", kind, name)
		}
		all = append(all, described{kind, name, key, describer.Describe()})
		return nil
	}
	for name, executor := range builtin.New(builtin.Options{}).ByName() {
		if err := add("executor", name, "executor_config", executor); err != nil {
			return nil, err
		}
	}
	for name, processor := range builtin.NewProcessors(builtin.ProcessorOptions{}).ByName() {
		if err := add("processor", name, "processors."+name, processor); err != nil {
			return nil, err
		}
	}
	return describedPages(all, read)
}

// pluginPages returns the pages of the executors and processors in a module of plugins: its program prints their descriptions.
func pluginPages(module string, read func(path string) ([]byte, error)) (map[string][]byte, error) {
	cmd := exec.Command("go", "run", ".", "describe")
	cmd.Dir, cmd.Stderr = module, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run the program in %s: %w", module, err)
	}
	var by struct{ Executor, Processor map[string]json.RawMessage }
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.DisallowUnknownFields() // what is not understood would leave a page as it is
	if err := decoder.Decode(&by); err != nil {
		return nil, fmt.Errorf("read what the program in %s describes: %w", module, err)
	}
	var all []described
	for name, schema := range by.Executor {
		all = append(all, described{"executor", name, "executor_config", schema})
	}
	for name, schema := range by.Processor {
		all = append(all, described{"processor", name, "processors." + name, schema})
	}
	return describedPages(all, read)
}

// describedPages returns pages with the tables of what they are about.
func describedPages(all []described, read func(path string) ([]byte, error)) (map[string][]byte, error) {
	pages := make(map[string][]byte)
	for _, d := range all {
		table, err := keyTable(d.key, d.schema)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", d.kind, d.name, err)
		}
		path := filepath.Join("docs", "guide", d.kind+"-"+d.name+".md")
		page, err := read(path)
		if err != nil {
			return nil, fmt.Errorf("the guide's page of the %s %s: %w", d.kind, d.name, err)
		}
		begin := keysBegin(d.kind)
		before, rest, begins := bytes.Cut(page, []byte(begin))
		_, after, ends := bytes.Cut(rest, []byte(keysEnd))
		if !begins || !ends {
			return nil, fmt.Errorf("%s has no place for the table of keys; write these lines where it belongs:\n%s%s", path, begin, keysEnd)
		}
		pages[path] = slices.Concat(before, []byte(begin+"\n"), table, []byte("\n"+keysEnd), after)
	}
	return pages, nil
}

// keyTable is the table of the keys that a JSON Schema names, in its order.
func keyTable(where string, text []byte) ([]byte, error) {
	var schema struct {
		Properties json.RawMessage `json:"properties"`
		Required   []string        `json:"required"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, fmt.Errorf("read its description: %w", err)
	}
	var out bytes.Buffer
	out.WriteString("| key of " + code(where) + " | default | meaning |\n|---|---|---|\n")
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
	if bytes.Count(out.Bytes(), []byte("\n")) == 2 {
		return []byte("It has no keys of " + code(where) + ".\n"), nil
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
