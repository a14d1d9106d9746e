package docker

import (
	"encoding/json"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage { return schema().JSON() }

// schema lists every key of the configuration.
func schema() plugin.Schema {
	properties := append(basic(), advanced()...)
	properties = append(properties, access()...)
	return plugin.Schema{
		Description: "Runs a command in a container.",
		Properties:  append(append(properties, keys.TLSKeys("tlsNoVerifyPeer")...), keys.DebugKey()),
	}
}

func basic() []plugin.Property {
	return []plugin.Property{
		{
			Name: "image", Required: true, Title: "Image",
			Description: "The image to run, with a tag or a digest.",
			Examples:    []string{"alpine:3.22", "registry.example.com/team/report:1.4"},
		},
		{
			Name: "command", Title: "Command", Format: plugin.Multiline,
			Description: "What runs in the container. It is split into words, quoted as in a shell, and nothing is expanded. Without it, the image's own command.",
			Examples:    []string{"report --all", `sh -c "echo $HOSTNAME | tr a-z A-Z"`},
		},
		{
			Name: "env", Title: "Environment", Role: plugin.Environment,
			Description: `Variables for the command, separated by commas. Write \, for a comma within a value.`,
			Examples:    []string{"STAGE=prod,REGION=eu"},
		},
		{
			Name: "volumes", Title: "Volumes",
			Description: "Folders of the engine's machine, or named volumes, and where the container sees them: host:container, perhaps with :ro, separated by commas.",
			Examples:    []string{"/srv/data:/data,/etc/app:/etc/app:ro", "cache:/var/cache"},
		},
		{
			Name: "timeout", Title: "Timeout", Format: plugin.Duration,
			Description: "An execution that takes longer, with the pull of its image, is stopped and times out. Without it there is no limit.",
			Examples:    []string{"30m"},
		},
		{
			Name: "pull", Title: "Pull the image", Default: pullMissing, Enum: []string{pullAlways, pullMissing, pullNever},
			Description: "When the image is fetched from its registry: each time, if the engine does not have it, or never.",
		},
		{
			Name: "memory", Title: "Memory limit",
			Description: "A command that needs more is killed. A number with B, KB, MB, GB or TB, without a space. Without it there is no limit.",
			Examples:    []string{"512MB"},
		},
		{
			Name: "cpus", Title: "Processors",
			Description: "How many processors the container may use at most. Without it there is no limit.",
			Examples:    []string{"1.5"},
		},
	}
}

func advanced() []plugin.Property {
	return []plugin.Property{
		{
			Name: "entrypoint", Title: "Entrypoint", Advanced: true,
			Description: "The program to which the command's words are arguments, instead of the image's entrypoint. Split into words as the command.",
			Examples:    []string{"/bin/sh -c"},
		},
		{
			Name: "workdir", Title: "Working directory", Advanced: true,
			Description: "Where the command starts, in the container. Without it, the image's working directory.",
			Examples:    []string{"/data"},
		},
		{
			Name: "user", Title: "Run as", Advanced: true,
			Description: "The user in the container, perhaps with a group: names or numbers. Without it, the image's user.",
			Examples:    []string{"1000:1000"},
		},
		{
			Name: "network", Title: "Network", Advanced: true,
			Description: "The network of the container: one of the engine's, host or none. Without it, the engine's default.",
			Examples:    []string{"none", "host", "backend"},
		},
		{
			Name: "payload", Title: "Standard input", Format: plugin.Multiline, ContentEncoding: "base64", Role: plugin.Payload, Advanced: true,
			Description: "What the command reads from its standard input, in base64.",
		},
		{
			Name: "stopTimeout", Title: "Grace before the kill", Format: plugin.Duration, Default: defaultGrace.String(), Advanced: true,
			Description: "How long the command has to exit by itself after it is stopped or has timed out. At most " + maxGrace.String() + ".",
			Examples:    []string{"2s"},
		},
		{
			Name: "remove", Title: "Remove the container", Format: plugin.Boolean, Default: "true", Advanced: true,
			Description: "Removes the container, with its unnamed volumes, after its end.",
		},
		{
			Name: "name", Title: "Name of the container", Advanced: true,
			Description: "A name of its own. Two executions at once then fail. Without it, the name is made of the job's and of the execution.",
			Examples:    []string{"nightly-report"},
		},
		{
			Name: "labels", Title: "Labels", Advanced: true,
			Description: "Labels of the container, NAME=value, separated by commas. Those that begin with dkron. are set by the executor.",
			Examples:    []string{"team=data,cost-center=42"},
		},
		{
			Name: "platform", Title: "Platform", Advanced: true,
			Description: "The platform of the image, if it has several.",
			Examples:    []string{"linux/amd64", "linux/arm64"},
		},
		{
			Name: "privileged", Title: "Privileged", Format: plugin.Boolean, Default: "false", Advanced: true,
			Description: "Gives the container all rights on the engine's machine.",
		},
	}
}

func access() []plugin.Property {
	return []plugin.Property{
		{
			Name: "registryUser", Title: "User of the registry", Advanced: true,
			Description: "Who pulls the image. It needs the password too.",
			Examples:    []string{"robot"},
		},
		{
			Name: "registryPassword", Title: "Password of the registry", Format: plugin.Password, Advanced: true,
			Description: "The user's password, or an access token in its place.",
		},
		{
			Name: "registryToken", Title: "Token of the registry", Format: plugin.Password, Advanced: true,
			Description: "An identity token, instead of user and password.",
		},
		{
			Name: "host", Title: "Engine", Advanced: true,
			Description: "The address of the engine. Without it, that of DOCKER_HOST in the agent's environment, or the socket on the node.",
			Examples:    []string{"unix:///run/user/1000/docker.sock", "tcp://engine.example.com:2376"},
		},
	}
}
