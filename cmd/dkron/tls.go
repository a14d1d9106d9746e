package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dkron/internal/nodetls"
)

const (
	authorityFile    = "dkron-ca.pem"
	authorityKeyFile = "dkron-ca-key.pem"
	day              = 24 * time.Hour
)

func tlsCommand() *cobra.Command {
	return group("tls", "Make certificates for nodes, and show or withdraw those of a cluster",
		`Makes a certificate authority, and certificates that it signs for servers, agents and operators. With them, nodes prove to
each other who they are, and nobody else can read or forge what they say:

  dkron tls ca
  dkron tls cert --role=server --name=node1 --host=node1.example.com
  dkron agent --server --node-name=node1 --cert-file=node1.pem --key-file=node1-key.pem --trusted-ca-file=dkron-ca.pem

Once all nodes have certificates, set --require-tls on each: a node without is then refused.

A cluster whose nodes share a join secret (--join-secret-file) makes its own certificates, and needs neither of these two commands;
status and expel are for such a cluster.`,
		tlsCACommand(), tlsCertCommand(), tlsStatusCommand(), tlsExpelCommand())
}

func tlsCACommand() *cobra.Command {
	var dir, name string
	var days int
	c := &cobra.Command{
		Use:   "ca",
		Short: "Make a certificate authority",
		Long: `Makes the certificate authority of a cluster: ` + authorityFile + `, which every node needs, and ` + authorityKeyFile + `, with which
certificates are signed. Keep the key away from the nodes: whoever has it can be any node.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			valid, err := validFor(c, days)
			if err != nil {
				return err
			}
			pair, err := nodetls.NewAuthority(name, valid)
			if err != nil {
				return err
			}
			return writePair(c, pair, filepath.Join(dir, authorityFile), filepath.Join(dir, authorityKeyFile))
		},
	}
	c.Flags().StringVar(&dir, "dir", ".", "folder in which the files are written")
	c.Flags().StringVar(&name, "name", "dkron", "name of the authority, for people")
	c.Flags().IntVar(&days, "days", 3650, "for how many days it is valid")
	return c
}

func tlsCertCommand() *cobra.Command {
	var dir, role, name, cluster string
	var hosts []string
	var days int
	c := &cobra.Command{
		Use:   "cert",
		Short: "Make a certificate for a node or an operator",
		Long: `Makes a certificate, NAME.pem, and its key, NAME-key.pem, signed by the authority that dkron tls ca has made.

The role says what the owner may do: a server takes part in Raft and gives orders to nodes; an agent runs what the
leader sends it, and can't speak for another node; an operator runs commands such as dkron leave and dkron raft against nodes. The name of a
server or agent is its node name. --host is for browsers and other clients of the node's HTTP port.`,
		Example: `  dkron tls cert --role=agent --name=web1
  dkron tls cert --role=operator --name=alice
  dkron raft list-peers --cert-file=alice.pem --key-file=alice-key.pem --trusted-ca-file=dkron-ca.pem`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			valid, err := validFor(c, days)
			if err != nil {
				return err
			}
			switch {
			case !slices.Contains(nodetls.Roles, nodetls.Role(role)):
				return &usageError{c.CommandPath(), fmt.Errorf("--role is %q, must be server, agent or operator", role)}
			case name == "" || strings.ContainsAny(name, "/\x00"):
				return &usageError{c.CommandPath(), errors.New("--name is the name of the node, or of the operator, without a slash; it is missing or wrong")}
			}
			authority, err := readPair(filepath.Join(dir, authorityFile), filepath.Join(dir, authorityKeyFile))
			if err != nil {
				return err
			}
			pair, err := nodetls.Issue(authority, nodetls.Peer{Role: nodetls.Role(role), Name: name, Cluster: cluster}, hosts, valid)
			if err != nil {
				return err
			}
			return writePair(c, pair, filepath.Join(dir, name+".pem"), filepath.Join(dir, name+"-key.pem"))
		},
	}
	c.Flags().StringVar(&dir, "dir", ".", "folder with the authority, in which the files are written")
	c.Flags().StringVar(&role, "role", "", "server, agent or operator (required)")
	c.Flags().StringVar(&name, "name", "", "node name, or name of the operator (required)")
	c.Flags().StringSliceVar(&hosts, "host", nil, "DNS name or IP address of the node, for clients of its HTTP port; may be repeated")
	c.Flags().StringVar(&cluster, "cluster", "", "id of the only cluster that the certificate is for, as GET /v1/cluster shows it (default any)")
	c.Flags().IntVar(&days, "days", 365, "for how many days it is valid, at most as long as the authority")
	return c
}

func validFor(c *cobra.Command, days int) (time.Duration, error) {
	if days < 1 || days > 36500 {
		return 0, &usageError{c.CommandPath(), fmt.Errorf("--days is %d, must be 1 to 36500", days)}
	}
	return time.Duration(days) * day, nil
}

func readPair(certificate, key string) (p nodetls.Pair, err error) {
	if p.Certificate, err = os.ReadFile(certificate); err == nil {
		p.Key, err = os.ReadFile(key)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; make an authority with dkron tls ca, or name its folder with --dir", err)
	}
	return p, err
}

// writePair writes both files or none. It replaces nothing: another certificate may depend on what is there.
func writePair(c *cobra.Command, p nodetls.Pair, certificate, key string) error {
	if err := writeNew(key, p.Key, 0o600); err != nil {
		return err
	}
	if err := writeNew(certificate, p.Certificate, 0o644); err != nil {
		return errors.Join(err, os.Remove(key))
	}
	c.Println("wrote", certificate, "and", key)
	return nil
}

func writeNew(path string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already; move it away, or choose another folder with --dir", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
