// Command dkron-plugins is several executors in one file. Each is a plugin: started by the name dkron-executor-NAME, the
// program is the executor NAME. Under its own name it explains itself, and makes those names:
//
//	dkron-plugins install /etc/dkron/plugins
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dkron/plugin/serve"
)

// prefix begins the name of each executor's file.
const prefix = "dkron-executor-"

// version is set by the build.
var version string

func main() {
	name, ok := executorName(os.Args[0])
	if !ok {
		os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
	}
	for _, r := range table() {
		if r.name == name {
			serve.Executor(r.open(), serve.Options{Version: versionOrBuild()})
			return
		}
	}
	fmt.Fprintf(os.Stderr, "this file is called %s, but it has no executor %q; it has %s\n", filepath.Base(os.Args[0]), name, strings.Join(names(), ", "))
	os.Exit(1)
}

// executorName returns the executor that the program is started as.
func executorName(arg0 string) (string, bool) {
	return strings.CutPrefix(strings.TrimSuffix(filepath.Base(arg0), ".exe"), prefix)
}
