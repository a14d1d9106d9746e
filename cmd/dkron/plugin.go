package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"dkron/internal/pluginhost"
)

func pluginCommand(guard bool) *cobra.Command {
	return group("plugin", "Check a plugin", "The command below is for those who write plugins or install them.", pluginCheckCommand(guard))
}

// trial is what the flags of dkron plugin check say.
type trial struct {
	config   []string
	job      string
	timeout  time.Duration
	grace    time.Duration
	parallel int
	output   string
	verbose  bool
}

func pluginCheckCommand(guard bool) *cobra.Command {
	var f trial
	c := &cobra.Command{
		Use:   "check BINARY",
		Short: "Check whether a plugin follows the protocol",
		Long: `Starts a plugin as an agent would, and tries what agents rely on: its name and rights, the handshake, its description and
its check of configurations, executions or results with configurations that make no sense, and that it ends with the agent. It
needs no cluster, and changes nothing on this machine; what the plugin does to others is its own.

Of an executor, with the configuration of an execution that succeeds, from --config or from the job in the file --job, it also
tries this execution: its result and output, several at once, and a stop. The stop needs one that takes longer than half a second.
Of a processor, with a configuration with which it succeeds, it tries results: some of them twice, empty, large, several at
once, and with a process that is killed in the middle.

A line begins with ✓ if the plugin passed, ✗ if it failed, ! for what is worth a look, and - for what was not tried. The exit code
is 1 if anything failed.`,
		Example: `  dkron plugin check /etc/dkron/plugins/dkron-executor-hello
  dkron plugin check --config name=world --config pause=5s ./dkron-executor-hello
  dkron plugin check --job greet.json -o json ./dkron-executor-hello
  dkron plugin check --config forward=true ./dkron-processor-count`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{c.CommandPath(), fmt.Errorf("it takes the file of one plugin, got %q", args)}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, guard, args[0]) },
	}
	flags := c.Flags()
	flags.StringArrayVar(&f.config, "config", nil, "a key of executor_config, or of a processor, that succeeds, as `KEY=VALUE`; repeat it for more")
	flags.StringVar(&f.job, "job", "", "`file` with the job of such an execution, as JSON; - is standard input")
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "how long that execution may take")
	flags.DurationVar(&f.grace, "grace", 10*time.Second, "how long an execution may run after it is stopped; agents give up after 10s")
	flags.IntVar(&f.parallel, "parallel", 5, "how many of these executions run at once")
	flags.StringVarP(&f.output, "output", "o", "text", "text, or json")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print what the plugin writes to standard error")
	return c
}

func (f *trial) run(c *cobra.Command, guard bool, path string) error {
	wrong := func(format string, args ...any) error {
		return &usageError{c.CommandPath(), fmt.Errorf(format, args...)}
	}
	if f.output != "text" && f.output != "json" {
		return wrong("--output is %q, must be text or json", f.output)
	}
	if f.parallel < 1 || f.timeout <= 0 || f.grace <= 0 {
		return wrong("--parallel, --timeout and --grace must be more than zero")
	}
	job, config, err := f.execution(c.InOrStdin(), path)
	if err != nil {
		return wrong("%w", err)
	}
	log := slog.New(slog.DiscardHandler)
	if f.verbose {
		log = slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var all []pluginhost.Finding
	try := pluginhost.Trial{
		Path: path, Config: config, Job: job, Limit: f.timeout, Parallel: f.parallel, Guard: guard, Grace: f.grace, Logger: log,
		Report: func(found pluginhost.Finding) {
			all = append(all, found)
			if f.output == "text" {
				_, _ = fmt.Fprintf(c.OutOrStdout(), "%s %-13s  %s\n", signs[found.Result], found.Check, found.Text)
			}
		},
	}
	passed := try.Run(ctx)
	if f.output == "json" {
		text, err := json.MarshalIndent(map[string]any{"plugin": path, "passed": passed, "checks": all}, "", "  ")
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(c.OutOrStdout(), string(text))
	}
	if !passed {
		return fmt.Errorf("%s did not pass", path)
	}
	return nil
}

var signs = map[pluginhost.Result]string{pluginhost.Passed: "✓", pluginhost.Failed: "✗", pluginhost.Warned: "!", pluginhost.Skipped: "-"}

// execution returns the name and configuration of the execution that is to be tried; nil: none.
func (f *trial) execution(stdin io.Reader, path string) (job string, config map[string]string, err error) {
	job = "check"
	if f.job != "" {
		if job, config, err = f.readJob(stdin, path); err != nil {
			return "", nil, fmt.Errorf("--job: %w", err)
		}
	}
	given := make(map[string]string)
	for _, pair := range f.config {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return "", nil, fmt.Errorf("--config is %q, must be KEY=VALUE", pair)
		}
		given[key] = value
	}
	if len(given) > 0 {
		if config == nil {
			config = make(map[string]string)
		}
		maps.Copy(config, given)
	}
	return job, config, nil
}

// readJob returns the name of the job in the file, and what it configures the plugin with.
func (f *trial) readJob(stdin io.Reader, path string) (job string, config map[string]string, err error) {
	var read struct {
		Name           string                       `json:"name"`
		ExecutorConfig map[string]string            `json:"executor_config"`
		Processors     map[string]map[string]string `json:"processors"`
	}
	var text []byte
	if f.job == "-" {
		text, err = io.ReadAll(stdin)
	} else {
		text, err = os.ReadFile(f.job)
	}
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		return "", nil, err
	}
	config = read.ExecutorConfig
	if name, ok := pluginhost.ProcessorName(path); ok {
		if config = read.Processors[name]; config == nil {
			return "", nil, fmt.Errorf("the job has no processor %q", name)
		}
	}
	if config == nil {
		return "", nil, errors.New("the job has no executor_config")
	}
	if read.Name == "" {
		read.Name = "check"
	}
	return read.Name, config, nil
}
