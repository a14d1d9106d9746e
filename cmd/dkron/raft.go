package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"dkron/internal/rpc"
)

func raftCommand() *cobra.Command {
	var server remote
	c := group("raft", "Show and repair Raft's configuration",
		`The commands below list the servers in Raft's configuration and remove one that is gone for good. Servers that join or leave
need neither: they are added and removed automatically.

`+aboutRPCAddr,
		listPeersCommand(&server), removePeerCommand(&server))
	server.flag(c, "any server")
	return c
}

func listPeersCommand(server *remote) *cobra.Command {
	return &cobra.Command{
		Use:   "list-peers",
		Short: "List the servers in Raft's configuration",
		Long: `Lists the servers in Raft's configuration as the server at --rpc-addr knows it, which works without a leader too.

Node is the member with that address, or (unknown). ID is what remove-peer takes. A server that is not a voter
yet is catching up.

` + aboutRPCAddr,
		Example: "  dkron raft list-peers --rpc-addr=10.0.0.1",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return server.call(c, func(client *rpc.Client) error {
				peers, err := client.Peers(c.Context())
				if err != nil {
					return err
				}
				return writePeers(c.OutOrStdout(), peers)
			})
		},
	}
}

func writePeers(w io.Writer, peers []rpc.Peer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	lines := []error{row(table, "Node", "ID", "Address", "State", "Voter")}
	for _, p := range peers {
		if p.Node == "" {
			p.Node = "(unknown)"
		}
		state := "follower"
		if p.Leader {
			state = "leader"
		}
		lines = append(lines, row(table, p.Node, p.ID, p.Address, state, fmt.Sprint(p.Voter)))
	}
	return errors.Join(append(lines, table.Flush())...)
}

func row(w io.Writer, node, id, addr, state, voter string) error {
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", node, id, addr, state, voter)
	return err
}

func removePeerCommand(server *remote) *cobra.Command {
	id := ""
	c := &cobra.Command{
		Use:   "remove-peer",
		Short: "Remove a server that is gone from Raft's configuration",
		Long: `Removes a server from Raft's configuration. Any server can be asked. Use it for a server that is gone for good:
until it is removed, it counts for the majority. One that still runs joins again after a minute, or when it is restarted;
to make it leave, use dkron leave. The last voter can't be removed, nor one without which the others have no majority.

` + aboutRPCAddr,
		Example: "  dkron raft remove-peer --peer-id=node3 --rpc-addr=10.0.0.1",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if id == "" {
				return &usageError{c.CommandPath(), errors.New("--peer-id is missing: the ID of the server as dkron raft list-peers shows it")}
			}
			return server.call(c, func(client *rpc.Client) error {
				reply, err := client.RemovePeer(c.Context(), rpc.PeerRequest{ID: id})
				if err != nil {
					return err
				}
				c.PrintErrln("Peer removed")
				if reply.Note != "" {
					c.PrintErrln(reply.Note)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&id, "peer-id", "", "ID of the server to remove, which is its node name (required)")
	return c
}
