package openapicheck

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheDocumentIsOpenAPI31(t *testing.T) {
	c := New(t)
	if ok, problems := c.validator.ValidateDocument(); !ok {
		t.Error(join(problems))
	}
	if got := c.root["openapi"]; got != "3.1.0" {
		t.Errorf("version %v", got)
	}
}

// walk calls fn for every object of the document, with the keys that lead to it.
func walk(v any, at []string, fn func(at []string, object map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		fn(at, v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key != "example" && key != "examples" || len(at) == 1 {
				walk(v[key], append(slices.Clone(at), key), fn)
			}
		}
	case []any:
		for i, e := range v {
			walk(e, append(slices.Clone(at), fmt.Sprint(i)), fn)
		}
	}
}

// examples returns the examples of an object and the location of the schema that they must fit; no keys if there is
// none.
func (d *document) examples(at []string, object map[string]any) (values []any, schema []string) {
	if len(at) > 0 && at[len(at)-1] == "properties" { // its keys are names, one of which may be examples
		return nil, nil
	}
	schema = append(slices.Clone(at), "schema")
	if object["schema"] == nil {
		schema = at
	}
	if e, ok := object["example"]; ok {
		values = append(values, e)
	}
	if list, ok := object["examples"].([]any); ok {
		values = append(values, list...)
	}
	named, _ := object["examples"].(map[string]any)
	for _, e := range named {
		example, _ := e.(map[string]any)
		if ref, ok := example["$ref"].(string); ok {
			example, _ = d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).(map[string]any)
		}
		values = append(values, example["value"])
	}
	return values, schema
}

func TestExamplesFitTheirSchemas(t *testing.T) {
	c := New(t)
	checked := 0
	walk(c.root, nil, func(at []string, object map[string]any) {
		if len(at) > 1 && at[1] == "examples" || len(at) == 1 {
			return
		}
		values, where := c.examples(at, object)
		for _, v := range values {
			schema, err := c.schema(where...)
			if err == nil {
				err = schema.Validate(v)
			}
			if err != nil {
				t.Errorf("%s: %v", strings.Join(at, " "), err)
			}
			checked++
		}
	})
	if checked < 50 {
		t.Errorf("only %d examples found: the test looks in the wrong place", checked)
	}
}

func TestOperationsAreNamedAndTagged(t *testing.T) {
	c := New(t)
	tags := make(map[string]bool)
	for _, tag := range c.root["tags"].([]any) {
		tags[tag.(map[string]any)["name"].(string)] = false
	}
	ids := make(map[string]bool)
	name := regexp.MustCompile(`^[a-z]+([A-Z][a-z]*)*$`)
	walk(c.root["paths"], nil, func(at []string, object map[string]any) {
		if len(at) != 2 || at[1] == "parameters" {
			return
		}
		id, _ := object["operationId"].(string)
		if !name.MatchString(id) || ids[id] {
			t.Errorf("%s: the operationId %q is no camelCase word of its own", at, id)
		}
		ids[id] = true
		list, _ := object["tags"].([]any)
		if len(list) != 1 || object["summary"] == nil {
			t.Errorf("%s: wants one tag and a summary", at)
		}
		for _, tag := range list {
			if _, ok := tags[tag.(string)]; !ok {
				t.Errorf("%s: unknown tag %s", at, tag)
			}
			tags[tag.(string)] = true
		}
		responses, _ := object["responses"].(map[string]any)
		if responses["500"] == nil {
			t.Errorf("%s: any operation can answer 500", at)
		}
		for _, status := range []string{"403", "413"} {
			if at[1] != "get" && responses[status] == nil {
				t.Errorf("%s: a change can be answered with %s", at, status)
			}
		}
	})
	for tag, used := range tags {
		if !used {
			t.Errorf("no operation has the tag %s", tag)
		}
	}
}

// Anything that nothing refers to is left over.
func TestEveryComponentIsUsed(t *testing.T) {
	c := New(t)
	used := make(map[string]bool)
	for _, one := range c.root["security"].([]any) {
		for name := range one.(map[string]any) {
			used["#/components/securitySchemes/"+name] = true
		}
	}
	walk(c.root, nil, func(_ []string, object map[string]any) {
		if ref, ok := object["$ref"].(string); ok {
			used[ref] = true
		}
		for _, e := range object {
			named, _ := e.(map[string]any)
			for _, v := range named {
				if m, ok := v.(map[string]any); ok && m["$ref"] != nil {
					used[fmt.Sprint(m["$ref"])] = true
				}
			}
		}
	})
	for kind, list := range c.root["components"].(map[string]any) {
		for name := range list.(map[string]any) {
			if !used["#/components/"+kind+"/"+name] && !c.general[name] {
				t.Errorf("nothing refers to %s %s", kind, name)
			}
		}
	}
}
