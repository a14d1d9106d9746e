package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"dkron/plugin/serve"
)

type options struct {
	jobs        int
	duration    time.Duration
	warmup      time.Duration
	mode        string
	addr        string
	pid         int
	binary      string
	concurrency int
	keep        bool
	idle        bool
	storm       int
	tls         bool
}

func main() {
	if addr := os.Getenv(sinkEnv); addr != "" {
		exit(runSink(addr))
	}
	if filepath.Base(os.Args[0]) == pluginFile {
		serve.Executor(caller{}, serve.Options{Version: "1"})
	}
	// Children are tied to the thread that starts them; this one lives as long as the process.
	runtime.LockOSThread()
	o, err := parse(os.Args[1:])
	switch {
	case err == nil && o.idle:
		err = idle(o, interruptions())
	case err == nil && o.tls:
		err = compareTLS(o, interruptions())
	case err == nil:
		err = run(o)
	}
	exit(err)
}

func exit(err error) {
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func parse(args []string) (*options, error) {
	o := new(options)
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.IntVar(&o.jobs, "jobs", 2000, "how many jobs fire every second")
	f.DurationVar(&o.duration, "duration", 20*time.Second, "how long to measure")
	f.DurationVar(&o.warmup, "warmup", 5*time.Second, "how long the jobs run before that")
	f.StringVar(&o.mode, "mode", "http", "what the jobs do: http (call a local sink), shell (run true), or plugin (call the sink from a plugin, as http does)")
	f.StringVar(&o.addr, "addr", "", "HTTP `host:port` of a server that runs; default: one is started")
	f.IntVar(&o.pid, "pid", 0, "process id of that server, for CPU and memory")
	f.StringVar(&o.binary, "binary", os.Getenv("DKRON_BINARY"), "dkron binary to start (DKRON_BINARY); default: it is built")
	f.IntVar(&o.concurrency, "concurrency", 0, "workers of the plain loop in mode shell; default: as many as jobs")
	f.BoolVar(&o.keep, "keep", false, "keep the server's data and log, and the jobs on --addr")
	f.BoolVar(&o.idle, "idle", false, "measure three servers whose --jobs have nothing to do before New Year")
	f.BoolVar(&o.tls, "tls", false, "measure three servers that share the work, without and with TLS between them, in turn")
	f.IntVar(&o.storm, "storm", 0, "how many further jobs fail every second; it is measured twice, the second time with a rule that notices them")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case o.mode != "http" && o.mode != "shell" && o.mode != "plugin":
		return nil, fmt.Errorf("--mode must be http, shell or plugin, not %q", o.mode)
	case o.mode == "plugin" && o.addr != "":
		return nil, fmt.Errorf("--mode plugin starts its own server, since that needs the plugin: leave out --addr")
	case o.storm < 0 || o.storm > 0 && (o.mode != "http" || o.idle):
		return nil, fmt.Errorf("--storm must be 0 or more, and needs --mode http without --idle")
	case o.tls && (o.mode != "http" || o.idle || o.storm > 0 || o.addr != ""):
		return nil, fmt.Errorf("--tls needs --mode http, without --idle, --storm and --addr")
	case o.jobs < 1 && !o.idle || o.jobs < 0 || o.duration < time.Second:
		return nil, fmt.Errorf("--jobs must be at least 1 and --duration at least 1s")
	case f.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if o.concurrency == 0 {
		o.concurrency = o.jobs
	}
	return o, nil
}

func interruptions() <-chan os.Signal {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	return interrupted
}

func run(o *options) error {
	// The loop runs before and after the server, because the machine's own speed may drift.
	var loops []float64
	loop := func() {
		if o.mode == "shell" {
			loops = append(loops, execLoop(o.concurrency, min(o.duration, 10*time.Second)/2))
		}
	}
	loop()
	s, err := startServer(o)
	if err != nil {
		return err
	}
	defer s.stop(o.keep)
	interrupted := interruptions()
	var k *sink
	if o.mode != "shell" {
		if k, err = startSink(); err != nil {
			return err
		}
		defer k.stop()
	}
	began := time.Now()
	if err := createJobs(s, o, k); err != nil {
		return err
	}
	if o.addr != "" && !o.keep {
		defer deleteJobs(s, o)
	}
	if err := createStorm(s, o, k); err != nil {
		return err
	}
	fmt.Printf("stored %d jobs in %v\n", o.jobs, time.Since(began).Round(time.Millisecond))
	m, err := measure(o, s, k, interrupted)
	if err == nil && o.storm > 0 {
		fmt.Println("without a rule")
		m.print(o)
		m, err = notified(o, s, k, interrupted)
	}
	if err != nil {
		return fmt.Errorf("%w\n%s", err, s.tail())
	}
	if o.addr == "" {
		s.stop(o.keep)
		loop()
	}
	m.loops = loops
	m.print(o)
	return nil
}
