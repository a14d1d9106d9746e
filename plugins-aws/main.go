// Command dkron-executor-ecs is the executor ecs, as a plugin. It is a program and a module of its own, since the libraries for
// Amazon's cloud are large, and only nodes with rights there need it.
package main

import (
	"dkron/plugin/serve"
	"dkron/plugins-aws/ecs"
)

// version is set by the build.
var version string

func main() { serve.Main("ecs", ecs.New(), version) }
