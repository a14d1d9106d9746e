package config_test

import (
	"os"
	"regexp"
	"testing"
)

func TestTheSampleFileLoadsAsItIsAndWithEverythingSwitchedOn(t *testing.T) {
	data, err := os.ReadFile("../../packaging/dkron.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(data), switchOn(string(data))} {
		_, src := file("yml", text).mustLoad(t)
		wantWarnings(t, src.Warnings)
	}
}

// switchOn removes the # of settings that are commented out: unlike prose, they have no space after it, or two.
func switchOn(text string) string {
	text = regexp.MustCompile(`(?m)^#encrypt:.*$`).ReplaceAllString(text, "encrypt: "+key32)
	return regexp.MustCompile(`(?m)^#([a-z]|  )`).ReplaceAllString(text, "$1")
}
