package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"dkron/internal/authority"
	"dkron/internal/rpc"
)

func tlsStatusCommand() *cobra.Command {
	var server remote
	c := &cobra.Command{
		Use:   "status",
		Short: "Show the certificates of the nodes of a cluster with a join secret",
		Long: `Shows the cluster's own authority, and for each member the role and the end of the certificate that it shows now to the
server at --rpc-addr. Certificates are valid for 30 days, and renewed after 20.

` + aboutRPCAddr,
		Example: "  dkron tls status --rpc-addr=10.0.0.1 --join-secret-file=/etc/dkron/join-secret",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return server.call(c, func(client *rpc.Client) error {
				all, err := client.Certificates(c.Context())
				if err != nil {
					return err
				}
				return writeCertificates(c.OutOrStdout(), all)
			})
		},
	}
	server.flag(c, "any server")
	return c
}

func writeCertificates(w io.Writer, all *authority.Certificates) error {
	if all.Authority == "" {
		_, err := fmt.Fprintln(w, "The cluster has no authority yet. The leader makes it, once it has the join secret.")
		return err
	}
	plain := "refused"
	if !all.Strict {
		plain = "accepted until all nodes have certificates"
	}
	_, err := fmt.Fprintf(w, "Authority %s, until %s. Connections without TLS are %s.\n", all.Authority, date(all.Ends), plain)
	if all.Signs != "" {
		_, more := fmt.Fprintf(w, "This server signs no certificates: %s\n", all.Signs)
		err = errors.Join(err, more)
	}
	lines := [][]string{{"Node", "Role", "Until", "Note"}}
	for _, n := range all.Nodes {
		note := n.Problem
		if n.Expelled {
			note = "expelled"
		}
		lines = append(lines, []string{n.Node, string(n.Role), date(n.Ends), note})
	}
	return errors.Join(err, columns(w, lines...))
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func tlsExpelCommand() *cobra.Command {
	var server remote
	readmit := false
	c := &cobra.Command{
		Use:   "expel NODE",
		Short: "Refuse a node of a cluster with a join secret, or let it in again",
		Long: `Makes all nodes refuse the certificates of a node: servers at once, agents within ten seconds. Its connections are closed, what
runs on it counts as lost, and it gets no other certificate under that name until --readmit lets it in again. A server is first
removed from Raft's configuration, which is refused if the other servers would have no majority.

Who has taken the join secret from the node can join again under another name: give the cluster a new secret then, as the guide
says.

` + aboutRPCAddr,
		Example: `  dkron tls expel web1 --rpc-addr=10.0.0.1 --join-secret-file=/etc/dkron/join-secret
  dkron tls expel web1 --readmit --rpc-addr=10.0.0.1 --join-secret-file=/etc/dkron/join-secret`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return &usageError{c.CommandPath(), errors.New("want the name of one node")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return server.call(c, func(client *rpc.Client) error {
				reply, err := client.Expel(c.Context(), &authority.ExpelRequest{Node: args[0], Readmit: readmit})
				if err != nil {
					return err
				}
				done := "expelled"
				if readmit {
					done = "let in again"
				}
				c.PrintErrf("%s is %s\n", args[0], done)
				if reply.Note != "" {
					c.PrintErrln(reply.Note)
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&readmit, "readmit", false, "let the node in again")
	server.flag(c, "any server")
	return c
}
