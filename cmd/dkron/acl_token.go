package main

import (
	"fmt"
	"io"
	neturl "net/url"
	"strings"

	"github.com/spf13/cobra"
)

// tokenAnswer is a token as the API shows it.
type tokenAnswer struct {
	Accessor  string   `json:"accessor"`
	Secret    string   `json:"secret"`
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Policies  []string `json:"policies"`
	CreatedAt string   `json:"created_at"`
	CreatedBy string   `json:"created_by"`
	ExpiresAt string   `json:"expires_at"`
}

func (t *tokenAnswer) print(w io.Writer) error {
	lines := [][]string{{"Accessor ID:", t.Accessor}}
	if t.Secret != "" {
		lines = append(lines, []string{"Secret:", t.Secret})
	}
	lines = append(lines, []string{"Name:", t.Name}, []string{"Type:", t.Type}, []string{"CreateTime:", t.CreatedAt}, []string{"Policies:", strings.Join(t.Policies, ", ")})
	if t.ExpiresAt != "" {
		lines = append(lines, []string{"ExpireTime:", t.ExpiresAt})
	}
	return columns(w, lines...)
}

func (a *accessClient) tokenCommand() *cobra.Command {
	return group("token", "Manage tokens", "A token proves who a client is: a person, or a program.\n\n"+aboutToken,
		a.createTokenCommand(), a.deleteTokenCommand(), a.tokenInfoCommand(), a.listTokensCommand())
}

func (a *accessClient) createTokenCommand() *cobra.Command {
	body := struct {
		Name     string   `json:"name"`
		Type     string   `json:"type"`
		Policies []string `json:"policies,omitempty"`
		TTL      string   `json:"ttl,omitempty"`
	}{}
	c := &cobra.Command{
		Use:   "create",
		Short: "Make a token and print its secret",
		Long: `Makes a token and prints it. Its secret is shown only now, and kept nowhere. A client token may do what its policies say; these
exist in every cluster: viewer (read), operator (run and stop), editor (change jobs), admin (all but access itself), default.

` + aboutToken,
		Example: "  dkron acl token create --name=deploy --policy=editor --ttl=720h",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			t := new(tokenAnswer)
			if err := a.ask(c, "POST", "/v1/acl/tokens", body, t); err != nil {
				return err
			}
			return t.print(c.OutOrStdout())
		},
	}
	c.Flags().StringVarP(&body.Name, "name", "n", "", "Name of the token, for people")
	c.Flags().StringVarP(&body.Type, "type", "t", "client", "Type: client or management")
	c.Flags().StringArrayVarP(&body.Policies, "policy", "p", nil, "Policy of a client token; may be repeated. Default: default")
	c.Flags().StringVar(&body.TTL, "ttl", "", "How long the token is valid, such as 720h. Default: for ever")
	return c
}

func (a *accessClient) deleteTokenCommand() *cobra.Command {
	return a.named("delete ACCESSOR", "accessor", "Revoke a token; its open streams end", func(c *cobra.Command, accessor string) error {
		if err := a.ask(c, "DELETE", tokenPath(accessor), nil, new(struct{})); err != nil {
			return fmt.Errorf("token %s: %w", accessor, err)
		}
		c.PrintErrln("Token " + accessor + " deleted")
		return nil
	})
}

func (a *accessClient) tokenInfoCommand() *cobra.Command {
	return a.named("info ACCESSOR", "accessor", "Print a token, without its secret", func(c *cobra.Command, accessor string) error {
		t := new(tokenAnswer)
		if err := a.ask(c, "GET", tokenPath(accessor), nil, t); err != nil {
			return fmt.Errorf("token %s: %w", accessor, err)
		}
		return t.print(c.OutOrStdout())
	})
}

func (a *accessClient) listTokensCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all tokens", Long: "Lists all tokens, without their secrets.\n\n" + aboutToken, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			var list []tokenAnswer
			if err := a.ask(c, "GET", "/v1/acl/tokens", nil, &list); err != nil {
				return err
			}
			lines := [][]string{{"Accessor ID", "Name", "Type", "Policies", "Expires"}}
			for _, t := range list {
				lines = append(lines, []string{t.Accessor, t.Name, t.Type, strings.Join(t.Policies, ","), t.ExpiresAt})
			}
			return columns(c.OutOrStdout(), lines...)
		},
	}
}

func tokenPath(accessor string) string { return "/v1/acl/tokens/" + neturl.PathEscape(accessor) }
