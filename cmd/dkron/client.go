package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"dkron/internal/rpc"
)

// tokenVariable has the secret that commands use which call the API.
const tokenVariable = "DKRON_ACL_TOKEN" //nolint:gosec // the name, not the secret

// client is what commands have in common that call the API of a server, through its RPC port.
type client struct {
	remote
	tokenFile string
}

func (k *client) flags(c *cobra.Command) {
	k.flag(c, "any server")
	c.PersistentFlags().StringVar(&k.tokenFile, "token-file", "", "File with the secret of the token to use")
}

// send sends a request with a body in JSON, if it is not nil, and returns the answer.
func (k *client) send(c *cobra.Command, method, path string, body any) (status int, text []byte, err error) {
	var data []byte
	if body != nil {
		if data, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	return k.sendAs(c.Context(), c, method, path, "application/json", data)
}

// sendAs is send with a body of any kind, until ctx is done.
func (k *client) sendAs(ctx context.Context, c *cobra.Command, method, path, kind string, body []byte) (status int, text []byte, err error) {
	r := &rpc.HTTPRequest{Method: method, URI: path, Host: "localhost", Header: []rpc.HTTPField{{Name: "Content-Type", Value: kind}}, Body: body}
	secret, err := k.secret()
	if err != nil {
		return 0, nil, err
	}
	if secret != "" {
		r.Header = append(r.Header, rpc.HTTPField{Name: "Authorization", Value: "Bearer " + secret})
	}
	err = k.call(c, func(server *rpc.Client) (err error) {
		status, text, err = exchange(ctx, server, r)
		if err == nil && status == 401 {
			err = fmt.Errorf("%s; set %s or --token-file", text, tokenVariable)
		}
		return err
	})
	return status, text, err
}

// exchange returns the whole answer to a request.
func exchange(ctx context.Context, client *rpc.Client, r *rpc.HTTPRequest) (status int, text []byte, err error) {
	answer, err := client.HTTP(ctx, r)
	if err != nil {
		return 0, nil, err
	}
	for {
		part, err := answer.Recv()
		if errors.Is(err, io.EOF) {
			return status, text, nil
		}
		if err != nil {
			return 0, nil, err
		}
		if part.Status != 0 {
			status = int(part.Status)
		}
		text = append(text, part.Body...)
	}
}

func (k *client) secret() (string, error) {
	if k.tokenFile == "" {
		return os.Getenv(tokenVariable), nil
	}
	data, err := os.ReadFile(k.tokenFile)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// columns writes a table.
func columns(w io.Writer, lines ...[]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		if _, err := fmt.Fprintln(table, strings.Join(l, "\t")); err != nil {
			return err
		}
	}
	return table.Flush()
}
