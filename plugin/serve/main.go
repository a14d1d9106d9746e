package serve

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"dkron/plugin"
)

// Main is the main function of a program that is one executor. Started by an agent, without arguments, it serves the executor.
// In a shell the program has the commands describe, which prints the executor's keys as JSON, by kind and name of the plugin, and
// version. name is that of the executor; version is as for Version.
func Main(name string, e plugin.Executor, version string) {
	if len(os.Args) < 2 {
		Executor(e, Options{Version: Version(version)})
		return
	}
	os.Exit(command(name, e, version, os.Args[1], os.Stdout, os.Stderr))
}

// command does what somebody asks of the program in a shell, and returns the exit code.
func command(name string, e plugin.Executor, version, verb string, out, errs io.Writer) int {
	switch verb {
	case "describe":
		all := map[string]map[string]json.RawMessage{"executor": {}}
		if d, ok := e.(plugin.Describer); ok {
			all["executor"][name] = d.Describe()
		}
		if err := json.NewEncoder(out).Encode(all); err != nil {
			fmt.Fprintln(errs, "Error:", err)
			return 1
		}
	case "version", "--version":
		fmt.Fprintln(out, Version(version))
	default:
		fmt.Fprintf(errs, `This is the executor %s. Put it into the folder of plugins under the name dkron-executor-%s; the agent
starts it. By hand, it has these commands:

  describe   print its keys, as JSON
  version    print the version
`, name, name)
		return 2
	}
	return 0
}

// Version returns the version that a build has set, or else what Go knows of the build.
func Version(set string) string {
	if set != "" {
		return set
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
