package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dkron/internal/config"
	"dkron/internal/nodetls"
	"dkron/internal/rpc"
)

const (
	rpcPort   = 6868
	dialLimit = 10 * time.Second
)

// remote is a command's connection to a node.
type remote struct {
	template string
	files    nodetls.Files
	secret   string // file with the join secret
}

// aboutRPCAddr is the help text for commands with --rpc-addr.
const aboutRPCAddr = `--rpc-addr is where the node listens for other nodes: the host of its --bind-addr and its --rpc-port. It may be a
go-sockaddr template. The default is this machine's private address, or 127.0.0.1 if it has none.`

func (r *remote) flag(c *cobra.Command, whose string) {
	text := fmt.Sprintf("RPC address of %s, host[:port]", whose)
	flags := c.PersistentFlags()
	flags.StringVar(&r.template, "rpc-addr", "{{ GetPrivateIP }}:6868", text)
	flags.StringVar(&r.files.Certificate, "cert-file", "", "certificate of an operator or a server, a PEM file, if nodes have certificates")
	flags.StringVar(&r.files.Key, "key-file", "", "key of that certificate, a PEM file")
	flags.StringVar(&r.files.Authority, "trusted-ca-file", "", "certificate authority of the nodes, a PEM file")
	flags.StringVar(&r.secret, "join-secret-file", "", "file with the join secret of the cluster, in place of a certificate")
}

// call calls the node.
func (r *remote) call(c *cobra.Command, do func(*rpc.Client) error) error {
	addr, err := config.ResolveAddr(r.template, rpcPort)
	if err != nil {
		return &usageError{c.CommandPath(), fmt.Errorf("--rpc-addr: %w", err)}
	}
	secure, err := r.secure(c)
	if err != nil {
		return err
	}
	pool := rpc.NewPatientPool(dialLimit, secure)
	defer pool.Close()
	client, err := pool.Client(addr)
	if err != nil {
		return fmt.Errorf("--rpc-addr %s: %w", addr, err)
	}
	err = explain(do(client), addr)
	if secure == nil && errors.Is(err, rpc.ErrUnreachable) {
		err = fmt.Errorf("%w; if the nodes have certificates, the command needs one too: --cert-file, --key-file, --trusted-ca-file; if they have a join secret, --join-secret-file", err)
	}
	return err
}

// secure reads the command's certificate, nil if it has none.
func (r *remote) secure(c *cobra.Command) (*nodetls.Material, error) {
	if r.secret != "" && r.files != (nodetls.Files{}) {
		return nil, &usageError{c.CommandPath(), errors.New("--join-secret-file is in place of --cert-file, --key-file and --trusted-ca-file; leave one or the others out")}
	}
	given := 0
	for _, path := range []string{r.files.Certificate, r.files.Key, r.files.Authority} {
		if path != "" {
			given++
		}
	}
	switch given {
	case 0:
		return r.bySecret()
	case 3:
		return nodetls.OpenClient(r.files)
	}
	return nil, &usageError{c.CommandPath(), errors.New("--cert-file, --key-file and --trusted-ca-file belong together; one of them is missing")}
}

// bySecret makes the command a certificate of an operator from the join secret, nil if no file with it was given.
func (r *remote) bySecret() (*nodetls.Material, error) {
	if r.secret == "" {
		return nil, nil
	}
	data, err := os.ReadFile(r.secret)
	if err != nil {
		return nil, fmt.Errorf("--join-secret-file: %w", err)
	}
	secret, err := nodetls.NewSecret(strings.TrimSpace(string(data)))
	if err != nil {
		return nil, fmt.Errorf("--join-secret-file %s: %w", r.secret, err)
	}
	name, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	return secret.Client(name)
}

// explain says what to do when no node, or the wrong one, has answered.
func explain(err error, addr string) error {
	switch {
	case errors.Is(err, rpc.ErrUnreachable):
		return &unanswered{fmt.Sprintf("no node answers at %s: %s; is dkron running there? Name the RPC address of a node with --rpc-addr",
			addr, dialed(err.Error()))}
	case errors.Is(err, rpc.ErrUnserved):
		return fmt.Errorf("the node at %s is an agent, which takes no part in Raft; name a server with --rpc-addr", addr)
	}
	return err
}

// unanswered is an rpc.ErrUnreachable in words for people.
type unanswered struct{ text string }

func (e *unanswered) Error() string { return e.text }
func (e *unanswered) Unwrap() error { return rpc.ErrUnreachable }

// dialed extracts the system's error from the RPC library's.
func dialed(text string) string {
	_, reason, ok := strings.Cut(text, "Error while dialing: ")
	if !ok {
		return text
	}
	return strings.TrimSuffix(reason, `"`)
}
