// Command dkron-executor-gcppubsub is the executor gcppubsub, as a plugin. It is a program and a module of its own, since
// the library for Google's cloud is as large as all other executors together.
package main

import (
	"dkron/plugin/serve"
	"dkron/plugins-gcp/gcppubsub"
)

// version is set by the build.
var version string

func main() { serve.Main("gcppubsub", gcppubsub.New(), version) }
