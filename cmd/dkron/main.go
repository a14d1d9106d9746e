// Command dkron is a node of the scheduler, and the tools that go with one.
package main

import (
	"errors"
	"fmt"
	"os"

	_ "time/tzdata" // so that every zone is known on a machine without a zone database

	"github.com/spf13/cobra"

	"dkron/internal/consensus"
)

// version is set when a release is built.
var version = "devel"

// exitCorrupt is the exit code for data on disk that can't be trusted; the message tells how to recover.
const exitCorrupt = 3

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "Error:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(os.Stderr, "Run '%s --help' for what it takes.\n", usage.command)
	}
	var corrupt *consensus.CorruptError
	if errors.As(err, &corrupt) {
		return exitCorrupt
	}
	return 1
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "dkron",
		Short: "A distributed job scheduler: cron for a whole fleet",
		Long: `dkron runs jobs on time on the machines of a fleet. Servers agree through Raft on the jobs and on what has run, and
keep all state themselves; agents run what the leader hands them.

Try it:  dkron agent --dev
         curl localhost:8080/v1/jobs`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return &usageError{c.CommandPath(), err} })
	root.AddCommand(agentCommand(), keygenCommand(), versionCommand())
	return root
}

// usageError is a mistake on the command line.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
