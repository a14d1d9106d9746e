package main

import (
	"github.com/spf13/cobra"

	"dkron/internal/rpc"
)

func leaveCommand() *cobra.Command {
	var node remote
	c := &cobra.Command{
		Use:   "leave",
		Short: "Make a node, server or agent, leave the cluster and exit",
		Long: `Makes a node leave the cluster for good; its process then exits with code 0. The node accepts no new work, gives
running executions its --drain-timeout to end, hands over leadership, leaves Raft's configuration and then gossip, so that the
others see it as left and not as failed. The command returns when all this is done.

A server that leaves is no longer a voter: a majority of the remaining servers continues without it. Only the last voter stays in
the configuration, so that it can be started again. To remove a dead server, use dkron raft remove-peer.

` + aboutRPCAddr,
		Example: "  dkron leave --rpc-addr=10.0.0.3",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return node.call(c, func(client *rpc.Client) error {
				reply, err := client.Leave(c.Context())
				if err != nil {
					return err
				}
				if reply.Kept != "" {
					c.PrintErrf("%s is still in Raft's configuration: %s\n", reply.Node, reply.Kept)
				}
				c.PrintErrln("Left the cluster successfully")
				return nil
			})
		},
	}
	node.flag(c, "the node that is to leave")
	return c
}
