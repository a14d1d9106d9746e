package openapicheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/pb33f/jsonschema/v6"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	problem "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/router"

	"dkron/api"
)

// document is the description of the API, made ready for checks.
type document struct {
	root      map[string]any
	router    router.Router
	validator validator.Validator
	general   map[string]bool // headers that any answer may have

	mu       sync.Mutex // guards compiler and schemas
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
}

// load is slow, and the same for all.
var load = sync.OnceValues(func() (*document, error) {
	body, err := api.JSON("devel") // aliases are resolved in it
	if err != nil {
		return nil, err
	}
	return read(body)
})

func read(body []byte) (*document, error) {
	d := &document{general: make(map[string]bool), schemas: make(map[string]*jsonschema.Schema)}
	if err := json.Unmarshal(body, &d.root); err != nil {
		return nil, fmt.Errorf("read API description: %w", err)
	}
	list, _ := d.root["x-general-headers"].([]any)
	for _, name := range list {
		d.general[http.CanonicalHeaderKey(fmt.Sprint(name))] = true
	}
	source, err := libopenapi.NewDocument(body)
	if err != nil {
		return nil, fmt.Errorf("read API description: %w", err)
	}
	model, err := source.BuildV3Model()
	if err != nil {
		return nil, fmt.Errorf("build API description: %w", err)
	}
	d.validator = validator.NewValidatorFromV3Model(&model.Model, config.WithFormatAssertions(), config.WithStandardBodyDecoders())
	d.validator.SetDocument(source)
	d.router = router.NewRouter(&model.Model, router.WithPathOnlyMatching())

	d.compiler = jsonschema.NewCompiler()
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return d, d.compiler.AddResource(resource, value)
}

// resource is the name that schemas know the document by.
const resource = "openapi.json"

// schema returns the schema at a path of keys in the document.
func (d *document) schema(keys ...string) (*jsonschema.Schema, error) {
	at := resource + "#"
	for _, key := range keys {
		at += "/" + strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D").Replace(key)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.schemas[at]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile(at)
	if err != nil {
		return nil, err
	}
	d.schemas[at] = s
	return s, nil
}

// at returns what the document has at a path of keys, nil if there is nothing. References are followed.
func (d *document) at(keys ...string) any {
	v := d.resolve(d.root)
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = d.resolve(m[key])
	}
	return v
}

// resolve follows a reference, if v is nothing else.
func (d *document) resolve(v any) any {
	m, _ := v.(map[string]any)
	ref, ok := m["$ref"].(string)
	if !ok || len(m) > 1 {
		return v
	}
	return d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

func join(problems []*problem.ValidationError) error {
	var all []error
	for _, p := range problems {
		all = append(all, p)
	}
	return errors.Join(all...)
}

// shorten cuts a long array: its first elements represent all.
func shorten(body []byte) []byte {
	const long = 64 << 10
	if len(body) < long || body[0] != '[' {
		return body
	}
	var list []json.RawMessage
	if json.Unmarshal(body, &list) != nil || len(list) <= maxChecked {
		return body
	}
	short, err := json.Marshal(list[:maxChecked])
	if err != nil {
		return body
	}
	return short
}

// Operations returns all operations of the document, such as "GET /v1/jobs/{job}".
func (d *document) Operations() (list []string) {
	paths, _ := d.root["paths"].(map[string]any)
	for path, item := range paths {
		item, _ := item.(map[string]any)
		for method := range item {
			if method != "parameters" {
				list = append(list, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Path returns the path of the document that a request asks for, such as "/v1/jobs/{job}"; "" if it has none.
func (d *document) Path(req *http.Request) string {
	if route, _ := d.router.FindRoute(req); route != nil {
		return route.Path
	}
	return ""
}
