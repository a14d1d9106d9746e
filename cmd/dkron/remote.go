package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dkron/internal/config"
	"dkron/internal/rpc"
)

const (
	rpcPort   = 6868
	dialLimit = 10 * time.Second
)

// remote is a command's connection to a node.
type remote struct{ template string }

// aboutRPCAddr is the help text for commands with --rpc-addr.
const aboutRPCAddr = `--rpc-addr is where the node listens for other nodes: the host of its --bind-addr and its --rpc-port. It may be a
go-sockaddr template. The default is this machine's private address, or 127.0.0.1 if it has none.`

func (r *remote) flag(c *cobra.Command, whose string) {
	text := fmt.Sprintf("RPC address of %s, host[:port]", whose)
	c.PersistentFlags().StringVar(&r.template, "rpc-addr", "{{ GetPrivateIP }}:6868", text)
}

// call calls the node.
func (r *remote) call(c *cobra.Command, do func(*rpc.Client) error) error {
	addr, err := config.ResolveAddr(r.template, rpcPort)
	if err != nil {
		return &usageError{c.CommandPath(), fmt.Errorf("--rpc-addr: %w", err)}
	}
	pool := rpc.NewPatientPool(dialLimit)
	defer pool.Close()
	client, err := pool.Client(addr)
	if err != nil {
		return fmt.Errorf("--rpc-addr %s: %w", addr, err)
	}
	return explain(do(client), addr)
}

// explain says what to do when no node, or the wrong one, has answered.
func explain(err error, addr string) error {
	switch {
	case errors.Is(err, rpc.ErrUnreachable):
		return fmt.Errorf("no node answers at %s: %s; is dkron running there? Name the RPC address of a node with --rpc-addr",
			addr, dialed(err.Error()))
	case errors.Is(err, rpc.ErrUnserved):
		return fmt.Errorf("the node at %s is an agent, which takes no part in Raft; name a server with --rpc-addr", addr)
	}
	return err
}

// dialed extracts the system's error from the RPC library's.
func dialed(text string) string {
	_, reason, ok := strings.Cut(text, "Error while dialing: ")
	if !ok {
		return text
	}
	return strings.TrimSuffix(reason, `"`)
}
