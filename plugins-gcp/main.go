// Command dkron-executor-gcppubsub is the executor gcppubsub, as a plugin. It is a program and a module of its own, since
// the library for Google's cloud is as large as all other executors together.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"dkron/plugin/serve"
	"dkron/plugins-gcp/gcppubsub"
)

// version is set by the build.
var version string

func main() {
	if len(os.Args) > 1 {
		os.Exit(command(os.Args[1:]))
	}
	serve.Executor(gcppubsub.New(), serve.Options{Version: versionOrBuild()})
}

// command does what somebody asks of the program in a shell, and returns the exit code.
func command(args []string) int {
	switch args[0] {
	case "describe":
		all := map[string]json.RawMessage{"gcppubsub": gcppubsub.New().Describe()}
		if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
			fmt.Fprintln(os.Stderr, "Error:", err)
			return 1
		}
	case "version", "--version":
		fmt.Println(versionOrBuild())
	default:
		fmt.Fprint(os.Stderr, `This is the executor gcppubsub. Put it into the folder of plugins under the name dkron-executor-gcppubsub; the agent
starts it. By hand, it has these commands:

  describe   print its keys, as JSON
  version    print the version
`)
		return 2
	}
	return 0
}

// versionOrBuild is what the build has set, or what Go knows of it.
func versionOrBuild() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
