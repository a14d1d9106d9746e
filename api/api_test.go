package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestYAMLAndJSONAreTheSameDocument(t *testing.T) {
	const version = `4.1.0 "x" \`
	var fromYAML, fromJSON any
	if err := yaml.Unmarshal(YAML(version), &fromYAML); err != nil {
		t.Fatal(err)
	}
	body, err := JSON(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &fromJSON); err != nil {
		t.Fatal(err)
	}
	// YAML has integers, JSON has not: compare what both make of them.
	again, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal(again, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromJSON, want) {
		t.Error("the JSON form differs")
	}
	info := fromJSON.(map[string]any)["info"].(map[string]any)
	if info["version"] != version {
		t.Errorf("version %q", info["version"])
	}
}

func TestOnlyTheVersionIsStamped(t *testing.T) {
	if !bytes.Equal(YAML("devel"), document) {
		t.Error("the document of version devel is not the file")
	}
	if before, after, ok := strings.Cut(string(YAML("9.9.9")), `"9.9.9"`); !ok || !strings.HasSuffix(before, "  version: ") || strings.Contains(after, "9.9.9") {
		t.Error("something else was stamped")
	}
}

func TestJSONKeepsTheOrderOfKeys(t *testing.T) {
	body, err := JSON("devel")
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for _, key := range []string{`{"openapi":`, `"info":`, `"servers":`, `"/v1/jobs":`, `"operationId":"listJobs"`, `"/v1/jobs/{job}":`, `"components":`} {
		at := bytes.Index(body, []byte(key))
		if at <= last {
			t.Fatalf("%s is at %d, after %d", key, at, last)
		}
		last = at
	}
}
