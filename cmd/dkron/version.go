package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// Serf's protocol versions, printed by version.
const protocolMax, protocolMin = 5, 2

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		Run: func(c *cobra.Command, _ []string) {
			codename := "Devel"
			fmt.Fprintf(c.OutOrStdout(), "Name: Dkron\nVersion: %s\nCodename: %s\nAgent Protocol: %d (Understands back to: %d)\n",
				version, codename, protocolMax, protocolMin)
		},
	}
}
