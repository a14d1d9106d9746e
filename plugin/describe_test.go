package plugin_test

import (
	"testing"

	"dkron/plugin"
)

func TestASchemaIsJSONSchemaInTheOrderOfItsProperties(t *testing.T) {
	got := plugin.Schema{Description: "Sends it.", Properties: []plugin.Property{
		{Name: "url", Required: true, Title: "URL", Description: "Where to.", Examples: []string{"a://b", "c://d"}},
		{Name: "key", Title: "Key", Description: "A secret.", Format: plugin.Password},
		{Name: "as", Title: "As", Description: "How.", Default: "x", Enum: []string{"x", "y"}, Advanced: true},
		{Name: "data", Title: "Data", Description: "What.", ContentEncoding: "base64", Role: plugin.Payload},
		{Name: "all", Title: "All", Description: "Of it.", ContentMediaType: plugin.MediaJSON, ContentSchema: plugin.Lines()},
		{Name: "map", Title: "Map", Description: "Of it.", ContentMediaType: plugin.MediaJSON, ContentSchema: plugin.Pairs()},
	}}.JSON()
	const want = `{"$schema":"https://json-schema.org/draft/2020-12/schema","description":"Sends it.","type":"object","properties":{` +
		`"url":{"type":"string","title":"URL","description":"Where to.","examples":["a://b","c://d"]},` +
		`"key":{"type":"string","title":"Key","description":"A secret.","format":"password"},` +
		`"as":{"type":"string","title":"As","description":"How.","default":"x","enum":["x","y"],"x-advanced":true},` +
		`"data":{"type":"string","title":"Data","description":"What.","contentEncoding":"base64","x-role":"payload"},` +
		`"all":{"type":"string","title":"All","description":"Of it.","contentMediaType":"application/json","contentSchema":{"type":"array","items":{"type":"string"}}},` +
		`"map":{"type":"string","title":"Map","description":"Of it.","contentMediaType":"application/json","contentSchema":{"type":"object","additionalProperties":{"type":"string"}}}` +
		`},"required":["url"]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestASchemaWithoutPropertiesHasNone(t *testing.T) {
	const want = `{"$schema":"https://json-schema.org/draft/2020-12/schema","description":"Waits.","type":"object","properties":{}}`
	if got := (plugin.Schema{Description: "Waits."}).JSON(); string(got) != want {
		t.Errorf("got %s", got)
	}
}
