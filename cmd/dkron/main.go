// Command dkron is a node of the scheduler, and the command line tools for nodes.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	_ "time/tzdata" // so that every zone is known on a machine without a zone database

	"github.com/spf13/cobra"

	"dkron/internal/compat"
	"dkron/internal/consensus"
	"dkron/internal/pluginhost"
)

// version is set by make; a build without it is one of the release that the source becomes.
var version = compat.Release

// exitCorrupt is the exit code for damaged data on disk; the message says how to recover.
const exitCorrupt = 3

func main() {
	guard := pluginhost.Guard()
	os.Exit(run(os.Args[1:], guard, os.Stdout, os.Stderr))
}

// run is the program; it returns the exit code. It prints an error once, on stderr. guard is what pluginhost.Guard returned.
func run(args []string, guard bool, stdout, stderr io.Writer) int {
	root := rootCommand(guard)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil {
		return 0
	}
	var ended *exitError
	if errors.As(err, &ended) {
		return ended.code
	}
	_, _ = fmt.Fprintln(stderr, "Error:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		_, _ = fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", usage.command)
	}
	var corrupt *consensus.CorruptError
	if errors.As(err, &corrupt) {
		return exitCorrupt
	}
	return 1
}

func rootCommand(guard bool) *cobra.Command {
	root := group("dkron", "A distributed job scheduler: cron for a whole fleet",
		`dkron runs jobs on time on the machines of a fleet. Servers agree through Raft on the jobs and on what has run, and
keep all state themselves; agents run what the leader sends them.

Try it:  dkron agent --dev
         curl localhost:8080/v1/jobs`,
		aclCommand(), agentCommand(guard), alertCommand(), auditCommand(), channelCommand(), checkInCommand(), completionCommand(), docCommand(), keygenCommand(), keysCommand(),
		leaveCommand(), logLevelCommand(),
		messageCommand(), objectiveCommand(), pluginCommand(guard), raftCommand(), ruleCommand(), secretCommand(), silenceCommand(), tlsCommand(), versionCommand())
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return &usageError{c.CommandPath(), err} })
	return root
}

// group is a command that only has subcommands; by itself it prints its help.
func group(name, short, long string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: name, Short: short, Long: long, Args: knownCommand, SuggestionsMinimumDistance: 2,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(below...)
	return c
}

// knownCommand refuses an unknown subcommand, and suggests the one that may be meant.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q for %q", args[0], c.CommandPath())
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, " or "))
	}
	return &usageError{c.CommandPath(), err}
}

// noArguments refuses arguments.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{c.CommandPath(), fmt.Errorf("%s takes no arguments, got %q", c.CommandPath(), args)}
}

// exitError is the end of a command that this one has run, and whose exit code it takes over.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// usageError is a mistake on the command line.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
