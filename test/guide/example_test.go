package guide

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inModules are the pages whose example runs in the tests of the plugin's own module, next to the service that it needs.
var inModules = map[string]string{
	"executor-docker.md":    "plugins-docker/process_test.go",
	"executor-ecs.md":       "plugins-aws/process_test.go",
	"executor-gcppubsub.md": "plugins-gcp/gcppubsub/execute_test.go",
}

// Each executor and processor has a page, and a test runs that page's example.
func TestEachExecutorAndProcessorHasAnExampleThatATestRuns(t *testing.T) {
	executors, err := filepath.Glob(pages + "/executor-*.md")
	if err != nil {
		t.Fatal(err)
	}
	processors, err := filepath.Glob(pages + "/processor-*.md")
	if err != nil || len(executors) < 9 || len(processors) < 7 {
		t.Fatalf("pages of %d executors and %d processors: %v", len(executors), len(processors), err)
	}
	for _, file := range append(executors, processors...) {
		name := filepath.Base(file)
		if test := inModules[name]; test != "" {
			text, err := os.ReadFile(filepath.Join("../..", test))
			if err != nil || !strings.Contains(string(text), `"`+name+`"`) {
				t.Errorf("%s: %s does not run its example: %v", name, test, err)
			}
			continue
		}
		if blocks, err := read(file); err != nil || len(blocks) == 0 {
			t.Errorf("%s has no block that is run: %v", name, err)
		}
	}
}
