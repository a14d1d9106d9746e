package openapicheck

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/pb33f/libopenapi-validator/router"
)

// checkFields refuses undescribed fields of an answer. Schemas allow them, since clients must expect additions; the
// server may not add any that is not described.
func (c *Checker) checkFields(route *router.Route, resp *http.Response, body []byte) error {
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return err
	}
	var value any
	if err := json.Unmarshal(shorten(body), &value); err != nil {
		return err
	}
	schema := c.at("paths", route.Path, strings.ToLower(route.Method), "responses", strconv.Itoa(resp.StatusCode), "content", media, "schema")
	return c.describedFields([]any{schema}, value, "body")
}

// describedFields checks a value against the fields of all schemas that describe it.
func (d *document) describedFields(schemas []any, value any, at string) error {
	flat := d.flatten(schemas, nil)
	switch value := value.(type) {
	case map[string]any:
		for key, field := range value {
			inner := each(flat, func(s map[string]any) any {
				properties, _ := s["properties"].(map[string]any)
				return properties[key]
			})
			if len(inner) == 0 {
				inner = each(flat, func(s map[string]any) any { return s["additionalProperties"] })
			}
			if len(inner) == 0 {
				return fmt.Errorf("%s.%s is not described", at, key)
			}
			if err := d.describedFields(inner, field, at+"."+key); err != nil {
				return err
			}
		}
	case []any:
		inner := each(flat, func(s map[string]any) any { return s["items"] })
		for i, element := range value {
			if err := d.describedFields(inner, element, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// flatten returns the schemas with all schemas that they consist of. An empty schema allows everything.
func (d *document) flatten(schemas []any, flat []map[string]any) []map[string]any {
	for _, s := range schemas {
		m, _ := s.(map[string]any)
		if len(m) == 0 {
			m = map[string]any{"additionalProperties": map[string]any{}, "items": map[string]any{}}
		}
		flat = append(flat, m)
		if ref, ok := m["$ref"].(string); ok {
			flat = d.flatten([]any{d.resolve(map[string]any{"$ref": ref})}, flat)
		}
		for _, key := range []string{"allOf", "anyOf", "oneOf"} {
			parts, _ := m[key].([]any)
			flat = d.flatten(parts, flat)
		}
	}
	return flat
}

func each(schemas []map[string]any, get func(map[string]any) any) (found []any) {
	for _, s := range schemas {
		if v := get(s); v != nil {
			found = append(found, v)
		}
	}
	return found
}
