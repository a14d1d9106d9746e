package main

import (
	"io"

	"github.com/spf13/cobra"
)

func completionCommand() *cobra.Command {
	return group("completion", "Print a script that completes dkron's commands in a shell",
		`Prints the script for one shell on stdout. Each command below shows how to load it.`,
		shellCompletion("bash", `Needs the package bash-completion.

  now:     source <(dkron completion bash)
  always:  dkron completion bash > /etc/bash_completion.d/dkron`,
			func(root *cobra.Command, w io.Writer, describe bool) error {
				return root.GenBashCompletionV2(w, describe)
			}),
		shellCompletion("zsh", `  now:     source <(dkron completion zsh)
  always:  dkron completion zsh > "${fpath[1]}/_dkron"`,
			func(root *cobra.Command, w io.Writer, describe bool) error {
				if describe {
					return root.GenZshCompletion(w)
				}
				return root.GenZshCompletionNoDesc(w)
			}),
		shellCompletion("fish", `  now:     dkron completion fish | source
  always:  dkron completion fish > ~/.config/fish/completions/dkron.fish`,
			func(root *cobra.Command, w io.Writer, describe bool) error {
				return root.GenFishCompletion(w, describe)
			}),
		shellCompletion("powershell", `  now:     dkron completion powershell | Out-String | Invoke-Expression
  always:  put that line into your profile`,
			func(root *cobra.Command, w io.Writer, describe bool) error {
				if describe {
					return root.GenPowerShellCompletionWithDesc(w)
				}
				return root.GenPowerShellCompletion(w)
			}))
}

func shellCompletion(shell, load string, write func(root *cobra.Command, w io.Writer, describe bool) error) *cobra.Command {
	bare := false
	c := &cobra.Command{
		Use:   shell,
		Short: "Print the script for " + shell,
		Long:  "Prints the completion script for " + shell + ".\n\n" + load,
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return write(c.Root(), c.OutOrStdout(), !bare) },
	}
	c.Flags().BoolVar(&bare, "no-descriptions", false, "leave out the descriptions of commands and flags")
	return c
}
