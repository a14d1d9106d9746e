package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"dkron/plugin"
	"dkron/plugin/serve"
)

const usage = `dkron-plugins has these plugins for dkron: the executors %s, and the processors %s.

Usage:
  dkron-plugins install FOLDER   copy this file into FOLDER, with a name for each plugin
  dkron-plugins describe         print the keys that each plugin has, as JSON
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
		fmt.Fprintln(out, serve.Version(version))
	case (verb == "" || verb == "help" || verb == "--help" || verb == "-h") && len(args) < 2:
		explain(out)
	default:
		explain(errs)
		return 2
	}
	if err != nil {
		fmt.Fprintln(errs, "Error:", err)
		return 1
	}
	return 0
}

func explain(out io.Writer) {
	fmt.Fprintf(out, usage, strings.Join(names("executor"), ", "), strings.Join(names("processor"), ", "))
}

// describe prints what each plugin says of its keys, by kind and name.
func describe(out io.Writer) error {
	all := make(map[string]map[string]json.RawMessage)
	for _, r := range table() {
		d, ok := r.open().(plugin.Describer)
		if !ok {
			return fmt.Errorf("%s %s does not describe itself: implement plugin.Describer", r.kind(), r.name)
		}
		if all[r.kind()] == nil {
			all[r.kind()] = make(map[string]json.RawMessage)
		}
		all[r.kind()][r.name] = d.Describe()
	}
	return json.NewEncoder(out).Encode(all)
}

func installSelf(dir string, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program's own file: %w", err)
	}
	return install(self, dir, out)
}
