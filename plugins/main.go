// Command dkron-plugins is several executors and processors in one file. Each is a plugin: started by the name
// dkron-executor-NAME, the program is the executor NAME, and by dkron-processor-NAME the processor. Under its own name it
// explains itself, and makes those names:
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

// prefix begins the name of each plugin's file.
const prefix = "dkron-"

// version is set by the build.
var version string

func main() {
	file, ok := pluginFile(os.Args[0])
	if !ok {
		os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
	}
	options := serve.Options{Version: serve.Version(version)}
	for _, r := range table() {
		switch {
		case r.file() != file:
		case r.processor != nil:
			serve.Processor(r.processor(), options)
			return
		default:
			serve.Executor(r.executor(), options)
			return
		}
	}
	fmt.Fprintf(os.Stderr, "this file is called %s, but the program has only %s\n", filepath.Base(os.Args[0]), strings.Join(files(), ", "))
	os.Exit(1)
}

// pluginFile returns the name of the plugin that the program is started as, without the end that Windows needs.
func pluginFile(arg0 string) (string, bool) {
	file := strings.TrimSuffix(filepath.Base(arg0), ".exe")
	return file, strings.HasPrefix(file, prefix+"executor-") || strings.HasPrefix(file, prefix+"processor-")
}
