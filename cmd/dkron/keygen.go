package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/spf13/cobra"
)

func keygenCommand() *cobra.Command {
	size := 32
	c := &cobra.Command{
		Use:   "keygen",
		Short: "Print a new key for --encrypt, a join secret, or a key for secrets",
		Long:  "Prints a random key in base64: for --encrypt or --join-secret-file, which every node of a cluster needs, or for --secrets-key-file,\nwhich every server needs. Use one for each of the three.",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if size != 16 && size != 24 && size != 32 {
				return &usageError{c.CommandPath(), fmt.Errorf("--size is %d, must be 16, 24 or 32", size)}
			}
			key := make([]byte, size)
			rand.Read(key)
			fmt.Fprintln(c.OutOrStdout(), base64.StdEncoding.EncodeToString(key))
			return nil
		},
	}
	c.Flags().IntVar(&size, "size", size, "length of the key in bytes: 16, 24 or 32")
	return c
}
