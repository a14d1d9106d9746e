package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"dkron/plugin"
)

const usage = `dkron-plugins has these executors for dkron: %s.

Usage:
  dkron-plugins install FOLDER   copy this file into FOLDER, with a name for each executor; then restart the agents
  dkron-plugins describe         print the keys that each executor has, as JSON
  dkron-plugins version          print the version

FOLDER is "plugins" next to the agent's configuration file, /etc/dkron/plugins if it has none, or the folder of the
dkron binary. Only root and the agent's user may be able to write it.
`

// command does what the arguments say when the program is started by its own name, and returns the exit code.
func command(args []string, out, errs io.Writer) int {
	var err error
	switch verb := strings.Join(args[:min(1, len(args))], ""); {
	case verb == "install" && len(args) == 2:
		err = installSelf(args[1], out)
	case verb == "describe" && len(args) == 1:
		err = describe(out)
	case (verb == "version" || verb == "--version") && len(args) == 1:
		fmt.Fprintln(out, versionOrBuild())
	case (verb == "" || verb == "help" || verb == "--help" || verb == "-h") && len(args) < 2:
		fmt.Fprintf(out, usage, strings.Join(names(), ", "))
	default:
		fmt.Fprintf(errs, usage, strings.Join(names(), ", "))
		return 2
	}
	if err != nil {
		fmt.Fprintln(errs, "Error:", err)
		return 1
	}
	return 0
}

// describe prints what each executor says of its keys, by name.
func describe(out io.Writer) error {
	all := make(map[string]json.RawMessage)
	for _, r := range table() {
		d, ok := r.open().(plugin.Describer)
		if !ok {
			return fmt.Errorf("executor %s does not describe itself: implement plugin.Describer", r.name)
		}
		all[r.name] = d.Describe()
	}
	return json.NewEncoder(out).Encode(all)
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

func installSelf(dir string, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program's own file: %w", err)
	}
	return install(self, dir, out)
}
