package shell

import (
	"encoding/json"

	"dkron/plugin"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage { return schema().JSON() }

// schema lists every key of the configuration.
func schema() plugin.Schema {
	return plugin.Schema{
		Description: "Runs a command on the node.",
		Properties: []plugin.Property{
			{
				Name: "command", Required: true, Title: "Command", Format: plugin.Multiline,
				Description: "The command line. Without a shell it is split into words, quoted as in a shell, and nothing is expanded.",
				Examples:    []string{"/usr/local/bin/backup --all"},
			},
			{
				Name: "shell", Title: "Run in a shell", Format: plugin.Boolean, Default: "false",
				Description: "Passes the command to /bin/sh -c (cmd /C on Windows), so that pipes, variables and several lines work.",
			},
			{
				Name: "timeout", Title: "Timeout", Format: plugin.Duration,
				Description: "A command that still runs after this time is stopped, and its execution times out. Without it there is no limit.",
				Examples:    []string{"30m"},
			},
			{
				Name: "env", Title: "Environment", Role: plugin.Environment,
				Description: `Variables for the command, separated by commas. Write \, for a comma within a value.`,
				Examples:    []string{"STAGE=prod,REGION=eu"},
			},
			{
				Name: "cwd", Title: "Working directory",
				Description: "Where the command starts. It must exist on the node. Without it: the agent's working directory.",
				Examples:    []string{"/var/lib/app"},
			},
			{
				Name: "su", Title: "Run as", Advanced: true,
				Description: "Another user, or user:group, by name, with that user's groups, HOME, USER, LOGNAME and SHELL. " +
					"The agent must run as root. Without it: the agent's user.",
				Examples: []string{"postgres"},
			},
			{
				Name: "mem_limit", Title: "Memory limit", Advanced: true,
				Description: "The command is stopped if it and the processes that it started use more resident memory. " +
					"A number with B, KB, MB, GB or TB, without a space. Without it there is no limit.",
				Examples: []string{"512MB"},
			},
			{
				Name: "payload", Title: "Standard input", Format: plugin.Multiline, ContentEncoding: "base64", Role: plugin.Payload, Advanced: true,
				Description: "What the command reads from its standard input, in base64.",
			},
			{
				Name: "kill_grace", Title: "Grace before the kill", Format: plugin.Duration, Default: defaultGrace.String(), Advanced: true,
				Description: "How long the command has to exit by itself after it is stopped or has timed out.",
				Examples:    []string{"30s"},
			},
		},
	}
}
