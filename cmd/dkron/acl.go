package main

import (
	"encoding/json"
	"errors"
	"fmt"
	neturl "net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

const aboutToken = `The secret of a management token is read from the file that --token-file names, else from ` + tokenVariable + `.`

// accessClient is what the commands of access control have in common.
type accessClient struct{ client }

func aclCommand() *cobra.Command {
	a := new(accessClient)
	c := group("acl", "Manage access control: policies and tokens",
		`Policies say what may be done, and tokens prove who does it. Nodes ask for tokens if they run with --acl-enabled; the first
token comes from dkron acl bootstrap.

`+aboutToken+`

`+aboutRPCAddr,
		a.bootstrapCommand(), a.policyCommand(), resetCommand(), a.tokenCommand())
	a.flags(c)
	return c
}

// ask sends a request to the API of a server, and decodes the answer.
func (a *accessClient) ask(c *cobra.Command, method, path string, body, answer any) error {
	status, text, err := a.send(c, method, path, body)
	switch {
	case err != nil:
		return err
	case status == 404 && len(text) == 0:
		return errors.New("not found")
	case status == 404:
		return errors.New("access control is off on this server; start all nodes with --acl-enabled")
	case status != 200:
		return errors.New(string(text))
	}
	return json.Unmarshal(text, answer)
}

func (a *accessClient) bootstrapCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "bootstrap",
		Short: "Make the cluster's first token, which may do everything",
		Long: `Makes the first management token and prints it. Its secret is shown only now; keep it safe, and use it to make tokens for
people and programs. This works once; if all tokens are lost, see dkron acl reset.

` + aboutRPCAddr,
		Example: "  dkron acl bootstrap",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			t := new(tokenAnswer)
			if err := a.ask(c, "POST", "/v1/acl/bootstrap", nil, t); err != nil {
				return err
			}
			return t.print(c.OutOrStdout())
		},
	}
}

func resetCommand() *cobra.Command {
	dir := ""
	c := &cobra.Command{
		Use:   "reset",
		Short: "Allow dkron acl bootstrap once more, if all tokens are lost",
		Long: `Allows one more dkron acl bootstrap through the server whose data directory this is; who has access to that may do everything
there anyway. The server goes on running. All policies and tokens stay.`,
		Example: "  dkron acl reset --data-dir=/var/lib/dkron && dkron acl bootstrap",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := os.Stat(filepath.Join(dir, "identity.json")); err != nil {
				return fmt.Errorf("--data-dir %s is not the data directory of a node: %w", dir, err)
			}
			if err := os.WriteFile(filepath.Join(dir, "acl-reset"), nil, 0o600); err != nil {
				return err
			}
			c.PrintErrln("The server with this data directory accepts dkron acl bootstrap once more")
			return nil
		},
	}
	c.Flags().StringVar(&dir, "data-dir", "dkron.data", "Data directory of the server")
	return c
}

// policyAnswer is a policy as the API shows it.
type policyAnswer struct{ Name, Rules string }

func (a *accessClient) policyCommand() *cobra.Command {
	return group("policy", "Manage policies", "A policy says what those may do who have a token that names it.\n\n"+aboutToken,
		a.applyPolicyCommand(), a.deletePolicyCommand(), a.policyInfoCommand(), a.listPoliciesCommand())
}

func (a *accessClient) applyPolicyCommand() *cobra.Command {
	name, file := "", ""
	c := &cobra.Command{
		Use:     "apply",
		Short:   "Create or replace a policy",
		Long:    "Creates a policy from a file with its rules, or replaces its rules. What tokens that name it may do changes at once.\n\n" + aboutToken,
		Example: "  dkron acl policy apply --name=billing --rules-file=billing.json",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if name == "" || file == "" {
				return &usageError{c.CommandPath(), errors.New("--name and --rules-file are required")}
			}
			rules, err := os.ReadFile(file)
			if err != nil {
				return fmt.Errorf("--rules-file: %w", err)
			}
			p := new(policyAnswer)
			if err := a.ask(c, "POST", policyPath(name), policyAnswer{name, string(rules)}, p); err != nil {
				return err
			}
			c.PrintErrln("Policy " + p.Name + " applied")
			return nil
		},
	}
	c.Flags().StringVarP(&name, "name", "n", "", "Name of the policy (required)")
	c.Flags().StringVarP(&file, "rules-file", "r", "", "File with the rules, in JSON (required)")
	return c
}

func (a *accessClient) deletePolicyCommand() *cobra.Command {
	return a.named("delete NAME", "name", "Delete a policy that no token names", func(c *cobra.Command, name string) error {
		if err := a.ask(c, "DELETE", policyPath(name), nil, new(struct{})); err != nil {
			return fmt.Errorf("policy %s: %w", name, err)
		}
		c.PrintErrln("Policy " + name + " deleted")
		return nil
	})
}

func (a *accessClient) policyInfoCommand() *cobra.Command {
	return a.named("info NAME", "name", "Print the rules of a policy", func(c *cobra.Command, name string) error {
		p := new(policyAnswer)
		if err := a.ask(c, "GET", policyPath(name), nil, p); err != nil {
			return fmt.Errorf("policy %s: %w", name, err)
		}
		_, err := fmt.Fprintln(c.OutOrStdout(), p.Rules)
		return err
	})
}

func (a *accessClient) listPoliciesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all policies", Long: "Lists all policies.\n\n" + aboutToken, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			var list []policyAnswer
			if err := a.ask(c, "GET", "/v1/acl/policies", nil, &list); err != nil {
				return err
			}
			for _, p := range list {
				if _, err := fmt.Fprintln(c.OutOrStdout(), p.Name); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// named is a command about one thing, which an argument or a flag names.
func (a *accessClient) named(use, flag, short string, do func(c *cobra.Command, name string) error) *cobra.Command {
	name := ""
	c := &cobra.Command{
		Use: use, Short: short, Long: short + ".\n\n" + aboutToken,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && name == "" {
				name = args[0]
			} else if len(args) > 0 || name == "" {
				return &usageError{c.CommandPath(), fmt.Errorf("%s takes one name, as its argument or with --%s", c.CommandPath(), flag)}
			}
			return do(c, name)
		},
	}
	c.Flags().StringVarP(&name, flag, flag[:1], "", "The same as the argument")
	return c
}

func policyPath(name string) string { return "/v1/acl/policies/" + neturl.PathEscape(name) }
