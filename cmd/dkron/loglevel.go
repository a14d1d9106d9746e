package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dkron/internal/rpc"
	"dkron/internal/telemetry"
)

func logLevelCommand() *cobra.Command {
	var node remote
	c := &cobra.Command{
		Use:   "log-level [level]",
		Short: "Print the level of a running node's log, or change it",
		Long: `Prints the level of the log of a node, server or agent. With a level, one of ` + strings.Join(telemetry.Levels, ", ") + `, it
changes it at once. A restart of the node brings back the one of its settings.

` + aboutRPCAddr,
		Example:   "  dkron log-level debug --rpc-addr=10.0.0.3\n  dkron log-level info --rpc-addr=10.0.0.3",
		ValidArgs: telemetry.Levels,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{c.CommandPath(), fmt.Errorf("%s takes one level, got %q", c.CommandPath(), args)}
			}
			if len(args) == 1 && !slices.Contains(telemetry.Levels, args[0]) {
				return &usageError{c.CommandPath(), fmt.Errorf("unknown level %q; choose one of %s", args[0], strings.Join(telemetry.Levels, ", "))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return node.call(c, func(client *rpc.Client) error {
				reply, err := client.SetLogLevel(c.Context(), strings.Join(args, ""))
				if err != nil {
					return err
				}
				if len(args) == 0 {
					fmt.Fprintln(c.OutOrStdout(), reply.Level)
					return nil
				}
				c.PrintErrf("%s logs at %s now; before, it logged at %s\n", reply.Node, reply.Level, reply.Before)
				return nil
			})
		},
	}
	node.flag(c, "the node")
	return c
}
