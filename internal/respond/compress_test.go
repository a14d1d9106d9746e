package respond

import "testing"

func TestOnlyWhatGainsIsCompressed(t *testing.T) {
	for contentType, want := range map[string]bool{
		"application/json; charset=utf-8": true, "text/plain; charset=utf-8": true, "text/html": true, "application/yaml": true,
		"text/event-stream": false, "text/event-stream; charset=utf-8": false, "image/jpeg": false, "application/zip": false, "": false,
	} {
		if compressible(contentType) != want {
			t.Error(contentType)
		}
	}
}
