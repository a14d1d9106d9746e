// Package serve makes a program a plugin: a process that the agent starts, and that executes jobs for it, or takes their
// output somewhere.
//
//	func main() { serve.Executor(mail{}, serve.Options{Version: "1.2.0"}) }
//
// The program's file is called dkron-executor-NAME or dkron-processor-NAME and lies in the folder plugins next to the
// configuration file, in /etc/dkron/plugins, or next to the binary of dkron; jobs then have the executor or the processor
// NAME. It is a plugin for Dkron v4 as well: what only our agents understand, such as a stop, v4 never asks for.
//
// An executor writes what it has to say of itself to standard error; each line is a line of the agent's log. Standard
// output belongs to the protocol until the agent is connected.
package serve

import (
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

// Options say more of a plugin.
type Options struct {
	// Version is shown to operators, such as 1.2.0. If it is empty they see the version of the Go module.
	Version string
}

// Executor serves an executor until the agent ends the process. It is called in main, and does not return before. If the
// program was not started by an agent, it says so on standard error and exits with 1.
//
// The executor may implement plugin.Describer, plugin.Checker, plugin.Adopter and plugin.Closer as well.
func Executor(e plugin.Executor, o Options) {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake(),
		Plugins:         goplugin.PluginSet{pluginwire.ExecutorKey: &executor{does: e, options: o}},
		GRPCServer:      newServer,
	})
	end(e)
}

// endLimit is how long an executor or a processor may take to end: the agent kills the process after two seconds.
const endLimit = time.Second

// end lets what was served end.
func end(served any) {
	c, ok := served.(plugin.Closer)
	if !ok {
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Close()
	}()
	select {
	case <-ended:
	case <-time.After(endLimit):
	}
}

// handshake returns what a plugin and an agent have to agree on.
func handshake() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{
		ProtocolVersion: pluginwire.ProtocolVersion, MagicCookieKey: pluginwire.CookieKey, MagicCookieValue: pluginwire.CookieValue,
	}
}

// maxMessage bounds what the agent may send at once: a job's configuration.
const maxMessage = 64 << 20

func newServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts, grpc.ForceServerCodecV2(pluginwire.Codec{}), grpc.MaxRecvMsgSize(maxMessage))...)
}
