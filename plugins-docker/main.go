// Command dkron-executor-docker is the executor docker, as a plugin. It is a program and a module of its own, since only nodes
// with a container engine need it, and with it a job is as powerful as that engine.
package main

import (
	"dkron/plugin/serve"
	"dkron/plugins-docker/docker"
)

// version is set by the build.
var version string

func main() { serve.Main("docker", docker.New(), version) }
