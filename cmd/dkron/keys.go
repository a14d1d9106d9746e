package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"dkron/internal/config"
	"dkron/internal/keyring"
	"dkron/internal/nodetls"
	"dkron/internal/rpc"
)

func keysCommand() *cobra.Command {
	return group("keys", "Change the keys of gossip while the cluster runs",
		`Changes the keys with which nodes encrypt gossip (the setting encrypt), while the cluster runs:

  dkron keygen >gossip-key
  dkron keys install --gossip-key-file=gossip-key    all nodes understand the new key
  dkron keys use ID                                  all nodes encrypt with it
  dkron keys remove ID                               no node understands the old key any more

A key is called by an id of 8 characters, which does not give it away. Nodes keep their keys over a restart. Put the new key into the setting encrypt
of all nodes after keys use, for nodes that come later. docs/guide/security.md has the whole of it.`,
		keysListCommand(), keysInstallCommand(),
		keysIDCommand(keyring.Use, "Make all nodes encrypt with a key that they have",
			`Makes all nodes encrypt with a key. It is refused if a node does not have it: that node would understand no other one any more.`,
			"put the key into the setting encrypt of all nodes, then take the old one out with dkron keys remove"),
		keysIDCommand(keyring.Remove, "Take a key away from all nodes",
			`Takes a key away from all nodes: a node that has no other one can't join any more. It is refused for the key with which a node encrypts.`,
			"make sure that the setting encrypt has it on no node: a new node with it alone can't join"))
}

func keysListCommand() *cobra.Command {
	var server remote
	c := &cobra.Command{
		Use:   "list",
		Short: "Show which keys each node has",
		Long: `Shows the ids of the keys that each node has: the one with which it encrypts, and others that it understands. It fails if a node does not answer.

` + aboutRPCAddr,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return changeKeys(c, &server, &keyring.Request{Act: keyring.List}, "")
		},
	}
	server.flag(c, "any server")
	return c
}

func keysInstallCommand() *cobra.Command {
	var server remote
	file := ""
	c := &cobra.Command{
		Use:   "install",
		Short: "Make all nodes understand a new key",
		Long: `Makes all nodes understand a new key; they do not encrypt with it yet. The key is base64 of 16, 24 or 32 bytes, as dkron keygen makes it. It is
read from the standard input or a file, so that it is in no list of processes and in no history of a shell.

` + aboutRPCAddr,
		Example: "  dkron keys install --gossip-key-file=gossip-key",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			key, err := gossipKey(c, file)
			if err != nil {
				return err
			}
			if server.readable() {
				c.PrintErrln("Warning: the connection to the server is not protected, so the key can be read on its way. Run the command on a server, or give nodes certificates.")
			}
			return changeKeys(c, &server, &keyring.Request{Act: keyring.Install, Key: key}, "dkron keys use "+keyring.ID(key))
		},
	}
	c.Flags().StringVar(&file, "gossip-key-file", "", "file with the new key; without it the standard input is read")
	server.flag(c, "any server")
	return c
}

func gossipKey(c *cobra.Command, file string) ([]byte, error) {
	text, err := readValue(c, file, "gossip-key-file")
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if n := len(key); err != nil || n != 16 && n != 24 && n != 32 { // no message repeats what was given
		return nil, errors.New("the key is not base64 of 16, 24 or 32 bytes; dkron keygen makes one")
	}
	return key, nil
}

// keysIDCommand is a command about a key that nodes have. next is what to do after it.
func keysIDCommand(act keyring.Act, short, long, next string) *cobra.Command {
	var server remote
	force := false
	c := &cobra.Command{
		Use: string(act) + " ID", Short: short, Long: long + "\n\n" + aboutRPCAddr,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return &usageError{c.CommandPath(), errors.New("want the id of one key, as dkron keys list shows it")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return changeKeys(c, &server, &keyring.Request{Act: act, ID: args[0], Force: force}, next)
		},
	}
	c.Flags().BoolVar(&force, "force", false, "go on although a node does not have the key, or does not answer; it may have to be restarted with the right setting")
	server.flag(c, "any server")
	return c
}

// changeKeys prints the keys of all nodes, and what to do next. It fails if a node has not done what was asked.
func changeKeys(c *cobra.Command, server *remote, r *keyring.Request, next string) error {
	return server.call(c, func(client *rpc.Client) error {
		report, err := client.Keys(c.Context(), r)
		if err != nil {
			return err
		}
		if err := writeKeys(c.OutOrStdout(), report); err != nil {
			return err
		}
		switch n := report.Problems(); {
		case n > 0 && r.Act == keyring.List:
			return fmt.Errorf("%d of %d nodes have not reported their keys", n, len(report.Nodes))
		case n > 0:
			return fmt.Errorf("%d of %d nodes have not done it; mend what the table says, and repeat the command: it changes nothing where it was done", n, len(report.Nodes))
		}
		if next != "" {
			c.PrintErrf("All nodes have done it (key %s). Next: %s\n", report.ID, next)
		}
		return nil
	})
}

func writeKeys(w io.Writer, r *keyring.Report) error {
	lines := [][]string{{"Node", "Encrypts with", "Understands too", "Note"}}
	for _, n := range r.Nodes {
		first, others := "", ""
		if len(n.IDs) > 0 {
			first, others = n.IDs[0], strings.Join(n.IDs[1:], " ")
		}
		lines = append(lines, []string{n.Node, first, others, n.Error})
	}
	return columns(w, lines...)
}

// readable reports whether somebody on the network could read what the command sends.
func (r *remote) readable() bool {
	if r.secret != "" || r.files != (nodetls.Files{}) {
		return false
	}
	addr, err := config.ResolveAddr(r.template, rpcPort)
	if err != nil {
		return false // the call reports it
	}
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	if err != nil || ip == nil {
		return host != "localhost"
	}
	own, err := net.InterfaceAddrs()
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return false
		}
	}
	return err == nil && !ip.IsLoopback()
}
