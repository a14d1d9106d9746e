// Package api is the description of the HTTP API, an OpenAPI 3.1 document. openapi.yaml is kept by hand; what serves it
// and what tests the server against it read it from here.
package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var document []byte

// placeholder is info.version in the document, in a form that is the same in YAML and JSON. It is the first of its kind.
var placeholder = []byte(`"devel"`)

// YAML returns the document of a server of the given version.
func YAML(version string) []byte { return stamp(document, version) }

// JSON returns the same document as compact JSON, its keys in the same order.
func JSON(version string) ([]byte, error) {
	body, err := converted()
	if err != nil {
		return nil, err
	}
	return stamp(body, version), nil
}

func stamp(doc []byte, version string) []byte {
	quoted, _ := json.Marshal(version) // a string always can be
	return bytes.Replace(doc, placeholder, quoted, 1)
}

// converted is made on the first request, and kept.
var converted = sync.OnceValues(func() ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	var out bytes.Buffer
	if err := writeJSON(&out, root.Content[0]); err != nil {
		return nil, fmt.Errorf("convert openapi.yaml: %w", err)
	}
	return out.Bytes(), nil
})

// writeJSON writes a node with its keys as they come: readers see paths and properties in the order they were written in.
func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.AliasNode:
		return writeJSON(out, n.Alias)
	case yaml.SequenceNode:
		return writeEach(out, n.Content, "[]", func(i int) error { return writeJSON(out, n.Content[i]) }, 1)
	case yaml.MappingNode:
		return writeEach(out, n.Content, "{}", func(i int) error {
			if err := writeValue(out, n.Content[i].Value); err != nil {
				return err
			}
			out.WriteByte(':')
			return writeJSON(out, n.Content[i+1])
		}, 2)
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return err
	}
	return writeValue(out, v)
}

func writeEach(out *bytes.Buffer, content []*yaml.Node, brackets string, write func(i int) error, step int) error {
	out.WriteByte(brackets[0])
	for i := 0; i < len(content); i += step {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := write(i); err != nil {
			return err
		}
	}
	out.WriteByte(brackets[1])
	return nil
}

func writeValue(out *bytes.Buffer, v any) error {
	body, err := json.Marshal(v)
	out.Write(body)
	return err
}
