package pluginhost

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dkron/plugin"
)

// description is what can be wrong in a plugin's JSON Schema.
type description struct {
	Description string              `json:"description"`
	Type        string              `json:"type"`
	Properties  map[string]property `json:"properties"`
	Required    []string            `json:"required"`
}

type property struct {
	Type string `json:"type"`
	plugin.Property
}

var (
	formats = []plugin.Format{plugin.Line, plugin.Multiline, plugin.Password, plugin.Boolean, plugin.Flag, plugin.Integer, plugin.Duration}
	roles   = []plugin.Role{"", plugin.Environment, plugin.Payload}
)

// faults returns what is wrong with a description, in the order of its keys.
func faults(schema []byte) []string {
	var d description
	if err := json.Unmarshal(schema, &d); err != nil {
		return []string{"it is not JSON, or no JSON Schema of texts: " + err.Error()}
	}
	var all []string
	if d.Type != "object" {
		all = append(all, `its type is not "object"`)
	}
	if !isSentence(d.Description) {
		all = append(all, "its description is not a sentence that says what it does")
	}
	keys := make([]string, 0, len(d.Properties))
	for key := range d.Properties {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range d.Required {
		if _, ok := d.Properties[key]; !ok {
			all = append(all, fmt.Sprintf("%s is required, but not described", key))
		}
	}
	used := make(map[plugin.Role]string)
	for _, key := range keys {
		p := d.Properties[key]
		for _, fault := range p.faults(key, slices.Contains(d.Required, key)) {
			all = append(all, key+": "+fault)
		}
		if other := used[p.Role]; other != "" && p.Role != "" {
			all = append(all, fmt.Sprintf("%s: its role %s is that of %s too", key, p.Role, other))
		}
		used[p.Role] = key
	}
	return all
}

func (p *property) faults(key string, required bool) (all []string) {
	add := func(wrong bool, text string) {
		if wrong {
			all = append(all, text)
		}
	}
	_, err := strconv.Atoi(key)
	add(err == nil, "a browser does not keep the place of a key that is a number")
	add(p.Type != "string", `its type is not "string": the values of a configuration are texts`)
	add(p.Title == "" || strings.HasSuffix(p.Title, "."), "it needs a title: a noun without a full stop")
	add(!isSentence(p.Description), "it needs a description: a sentence with a full stop")
	add(!slices.Contains(formats, p.Format), fmt.Sprintf("the page knows no format %q", p.Format))
	add(!slices.Contains(roles, p.Role), fmt.Sprintf("there is no role %q", p.Role))
	add(p.Format == plugin.Password && p.Default != "", "a secret must have no default: everybody could read it")
	add(p.Default != "" && p.Enum != nil && !slices.Contains(p.Enum, p.Default), "its default is not among its values")
	add(required && p.Advanced, "it is required, so it must not be advanced: a form would hide it")
	add(required && p.Default != "", "it is required, so a default has no meaning")
	return all
}

func isSentence(text string) bool {
	return text != "" && strings.ToUpper(text[:1]) == text[:1] && strings.HasSuffix(text, ".")
}
