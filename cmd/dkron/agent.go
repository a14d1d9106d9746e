package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"dkron/internal/app"
	"dkron/internal/config"
	"dkron/internal/pluginhost"
	"dkron/internal/rpc"
	"dkron/internal/telemetry"
)

func agentCommand(guard bool) *cobra.Command {
	c := &cobra.Command{
		Use:   "agent",
		Short: "Run a node: a server (--server) or a worker",
		Long: `Runs a node until it gets SIGINT or SIGTERM. It then accepts no new work, gives running executions --drain-timeout to end, hands
over leadership and leaves Raft and gossip. A second signal makes it exit at once. Servers that are stopped together stay in
Raft's configuration, so that they have a majority when they are started again.

Every flag can be given in the environment (--node-name is DKRON_NODE_NAME) and in a file: dkron.yml, .json or .toml in
/etc/dkron, $HOME/.dkron or ./config, or the one that --config names. A flag wins over the environment, the environment
over the file.

Executors can be plugins: executable files named dkron-executor-NAME in the folder plugins next to that file, in
/etc/dkron/plugins if there is no file, or next to this binary.

One server, to try it out:            dkron agent --dev
One server:                           dkron agent --server --bootstrap-expect=1
On each of three servers:             dkron agent --server --bootstrap-expect=3 --retry-join=<another>
A worker:                             dkron agent --retry-join=<a server> --tag role=web`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runAgent(c, guard) },
	}
	config.AddFlags(c.Flags())
	return c
}

func runAgent(c *cobra.Command, guard bool) error {
	cfg, source, err := config.Load(c.Flags(), os.Environ(), os.ReadFile)
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(os.Stderr, cfg.LogFormat, cfg.LogLevel)
	slog.SetDefault(log) // and what is written through package log
	rpc.LogTo(log)
	if source.File == "" {
		log.Info("no config file; flags, environment and defaults apply")
	} else {
		log.Info("config file read", "file", source.File)
	}
	for _, w := range source.Warnings {
		log.Warn(w)
	}
	if none := cfg.WithoutEffect(); len(none) > 0 {
		log.Info("settings are accepted and have no effect", "settings", strings.Join(none, ", "))
	}
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ignoreReload(log)
	cfg.PluginDirs, cfg.PluginGuard = pluginDirs(source.File), guard
	cfg.ConfigDirs = source.Dirs
	context.AfterFunc(ctx, func() { forceOnSecond(log) })
	return app.Run(ctx, cfg, version, log)
}

// pluginDirs returns where plugins are looked for: next to the configuration file, and next to this binary.
func pluginDirs(configFile string) []string {
	dir := ""
	if configFile != "" {
		dir = filepath.Dir(configFile)
	}
	self, err := os.Executable()
	if err != nil {
		self = ""
	}
	return pluginhost.Dirs(dir, self)
}

// ignoreReload keeps SIGHUP from ending the process: reloading is not supported yet.
func ignoreReload(log *slog.Logger) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	go func() {
		for range hup {
			log.Warn("SIGHUP: settings can't be reloaded yet; restart the node to change them")
		}
	}()
}

// sameSignal is the time within which two signals count as one: a terminal and a wrapper often both send it.
const sameSignal = time.Second

// forceOnSecond ends the process at the next signal.
func forceOnSecond(log *slog.Logger) {
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGINT, syscall.SIGTERM)
	first := time.Now()
	go func() {
		for range again {
			if time.Since(first) > sameSignal {
				break
			}
		}
		log.Error("second signal: exiting at once")
		os.Exit(1)
	}()
}
