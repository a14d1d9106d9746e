package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func secretCommand() *cobra.Command {
	return noticeGroup("secret", "Manage secrets: values that jobs and channels refer to",
		"A secret is a value that jobs and channels refer to as ${secret:NAME}. It is stored encrypted, with a key that only the servers have,\n"+
			"and nobody can read it back. docs/guide/secrets.md says how to use it.",
		func(k *noticeClient) []*cobra.Command {
			force := false
			remove := k.one("remove NAME", "Remove a secret that nothing refers to", func(c *cobra.Command, name string) error {
				path := k.at(name)
				if force {
					path += "?force=true"
				}
				if _, err := k.ask(c, "DELETE", path, nil); err != nil {
					return err
				}
				c.PrintErrf("Secret %s removed\n", name)
				return nil
			})
			remove.Flags().BoolVar(&force, "force", false, "Remove it although jobs or channels refer to it; their executions fail from then on")
			return []*cobra.Command{
				k.setSecret(), remove, k.rotateSecrets(),
				k.list("List all secrets, without their values", column{"Name", "name"}, column{"For jobs", "jobs"}, column{"Used by jobs", "used_by.jobs"},
					column{"Used by channels", "used_by.channels"}, column{"Value set", "value_set_at"}, column{"By", "updated_by"}, column{"Key", "key"}),
			}
		})
}

func (k *noticeClient) setSecret() *cobra.Command {
	file, jobs := "", []string{}
	c := k.one("set NAME", "Set the value of a secret, and which jobs may use it", func(c *cobra.Command, name string) error {
		body := make(map[string]any)
		if c.Flags().Changed("job") {
			if len(jobs) == 1 && jobs[0] == "" {
				jobs = []string{}
			}
			body["jobs"] = jobs
		}
		value, err := readValue(c, file, "value-file")
		if err != nil {
			return err
		}
		if value != "" || len(body) == 0 {
			body["value"] = value
		}
		if _, err := k.ask(c, "PUT", k.at(name), body); err != nil {
			return err
		}
		c.PrintErrf("Secret %s set\n", name)
		return nil
	})
	c.Long = `Sets the value of a secret. It is read from the standard input or from a file, so that it is in no list of processes and in no
history of a shell; line breaks at its end are left out. It has 4 bytes to 64 KiB. With --job and no input only the jobs change.

` + aboutNotices
	c.Example = "  dkron secret set db-password < /run/password\n  dkron secret set tls-key --value-file=key.pem --job='backup-*'"
	c.Flags().StringVar(&file, "value-file", "", "File with the value; without it the standard input is read")
	c.Flags().StringArrayVar(&jobs, "job", nil, "Pattern of the names of jobs that may use it, such as backup-*; may be repeated. Empty: all jobs. Without it: as it was, or all")
	return c
}

// readValue reads a secret from a file, which a flag names, or from the input. There is none if that is a terminal.
func readValue(c *cobra.Command, file, flag string) (string, error) {
	var data []byte
	var err error
	if file != "" {
		data, err = os.ReadFile(file)
	} else {
		in := c.InOrStdin()
		if f, ok := in.(*os.File); ok {
			if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
				if c.Flags().Changed("job") {
					return "", nil
				}
				return "", errors.New("there is no value: pass it on the standard input, or in a file with --" + flag)
			}
		}
		data, err = io.ReadAll(io.LimitReader(in, 1<<20))
	}
	return strings.TrimRight(string(data), "\r\n"), err
}

func (k *noticeClient) rotateSecrets() *cobra.Command {
	return &cobra.Command{
		Use: "rotate", Short: "Encrypt all secrets anew, with the first key of the server that is asked",
		Long: `Encrypts all secrets anew with the first key of the server that is asked. To change keys: put a new one first in secrets-key-file on every
server and restart them one after the other, run this, then take the old key out and restart them again.

` + aboutNotices,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := k.ask(c, "POST", "/v1/secret-keys/rotate", nil)
			if err != nil {
				return err
			}
			var done struct {
				Key    string
				Sealed int
			}
			if err := json.Unmarshal(text, &done); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d secrets encrypted anew; all have the key %s\n", done.Sealed, done.Key)
			return err
		},
	}
}
