package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	neturl "net/url"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	core "dkron"
	"dkron/internal/rpc"
)

// checkIn is a check-in that the command line describes.
type checkIn struct {
	client
	name, from, id, output string
	tryFor                 time.Duration  // how long a report is tried again that no server takes
	signals                chan os.Signal // SIGINT and SIGTERM: they are the command's while it runs, and then end the reporting
}

func checkInCommand() *cobra.Command {
	k := new(checkIn)
	c := &cobra.Command{
		Use:   "checkin NAME [-- COMMAND [ARGS…]]",
		Short: "Report a run of a job that dkron does not run, or run a command and report it",
		Long: `Reports a run of a job with executor checkin, such as one that a crontab still runs. dkron then watches it as it does its own.

With a command, that is run, whether a server can be reached or not: its start is reported, and how it ended, with its output (the first
16,000 bytes and the last of at most 256,000). The exit code is that of the command in any case: 127 if there is no such command, 126 if
it can't be started, 128 and more if a signal ended it. SIGINT and SIGTERM are passed on to it. What it leaves running does not hold up the
report for more than 10 seconds, and its later output is dropped.

Without a command, --state or --exit-code says how it went; success is the default. A report that no server takes is tried again for
--try-for, under the same id, so that it counts once. Nothing is printed if all went well.

` + aboutNotices,
		Example: `  0 3 * * * dkron checkin backup -- /usr/local/bin/backup.sh
  dkron checkin backup --exit-code=$? --output=/var/log/backup.log`,
		RunE: func(c *cobra.Command, args []string) error {
			at := c.ArgsLenAtDash()
			if len(args) == 0 || args[0] == "" || at == 0 || at < 0 && len(args) > 1 || at > 1 || at == 1 && len(args) == 1 {
				return &usageError{c.CommandPath(), errors.New("give the name of a job and, after --, perhaps a command: dkron checkin NAME -- COMMAND")}
			}
			k.name, k.signals = args[0], make(chan os.Signal, 4)
			signal.Notify(k.signals, os.Interrupt, syscall.SIGTERM)
			defer signal.Stop(k.signals)
			if at == 1 {
				return k.run(c, args[1:])
			}
			return k.report(c)
		},
	}
	k.flags(c)
	f := c.Flags()
	f.String("state", "", "What happened: start, success or fail. Default: success, or what --exit-code says")
	f.String("exit-code", "", "Exit code of the run; other than 0 it failed")
	f.String("error", "", "Why it failed, in one line")
	f.StringVar(&k.output, "output", "", "File with its output; - is the standard input")
	f.DurationVar(&k.tryFor, "try-for", time.Minute, "How long a report is tried again that no server takes")
	f.StringVar(&k.from, "from", "", "Host that ran it. Default: this host's name")
	f.StringVar(&k.id, "id", "", "Id of the report, up to 64 characters: the same one again changes nothing. Default: a new one")
	return c
}

// query returns what all reports of one run have.
func (k *checkIn) query() neturl.Values {
	if k.from == "" {
		k.from, _ = os.Hostname()
	}
	if k.id == "" {
		k.id = rand.Text()
	}
	q := neturl.Values{"id": {k.id}}
	if k.from != "" {
		q.Set("from", k.from)
	}
	return q
}

// report reports what the flags say.
func (k *checkIn) report(c *cobra.Command) error {
	q := k.query()
	for flag, name := range map[string]string{"state": "state", "exit-code": "exit_code", "error": "error"} {
		if f := c.Flags().Lookup(flag); f.Changed {
			q.Set(name, f.Value.String())
		}
	}
	var output core.Collected
	if err := k.read(c, &output); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	body, _ := output.Kept()
	return k.deliver(c, q, body)
}

func (k *checkIn) read(c *cobra.Command, w io.Writer) error {
	from := c.InOrStdin()
	switch k.output {
	case "":
		return nil
	case "-":
	default:
		file, err := os.Open(k.output)
		if err != nil {
			return err
		}
		defer file.Close()
		from = file
	}
	_, err := io.Copy(w, from)
	return err
}

// run runs a command and reports it. The error is its exit code.
func (k *checkIn) run(c *cobra.Command, args []string) error {
	for _, name := range []string{"state", "exit-code", "error", "output"} {
		if c.Flags().Changed(name) {
			return &usageError{c.CommandPath(), fmt.Errorf("--%s is what the command says; leave out one of the two", name)}
		}
	}
	q := k.query()
	began := time.Now()
	started := make(chan struct{})
	go func() { // whether it arrives or not, the end is reported
		defer close(started)
		first := neturl.Values{"state": {"start"}, "started_at": {began.UTC().Format(time.RFC3339Nano)}, "from": q["from"]}
		ctx, cancel := context.WithTimeout(c.Context(), k.tryFor)
		defer cancel()
		_, _ = k.post(ctx, c, first, nil)
	}()
	program := newProgram(c, args)
	code, problem := program.run(k.signals)
	<-started // else it could arrive last
	q.Set("exit_code", strconv.Itoa(code))
	q.Set("started_at", began.UTC().Format(time.RFC3339Nano))
	if problem != "" {
		q.Set("error", problem)
	}
	output, _ := program.output.Kept()
	if err := k.deliver(c, q, output); err != nil {
		c.PrintErrln("Error: how "+args[0]+" ended is not reported:", err)
	}
	if code == 0 {
		return nil
	}
	return &exitError{code}
}

// deliver sends a report until a server has taken it, or refused it. A signal ends that.
func (k *checkIn) deliver(c *cobra.Command, q neturl.Values, output []byte) error {
	ctx, cancel := context.WithTimeout(c.Context(), k.tryFor)
	defer cancel()
	go func() {
		select {
		case <-k.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	for pause := time.Second; ; pause = min(2*pause, 10*time.Second) {
		again, err := k.post(ctx, c, q, output)
		if err == nil || !again {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// post sends a report once. again is whether another try may succeed.
func (k *checkIn) post(ctx context.Context, c *cobra.Command, q neturl.Values, output []byte) (again bool, err error) {
	status, text, err := k.sendAs(ctx, c, "POST", "/v1/checkins/"+neturl.PathEscape(k.name)+"?"+q.Encode(), "text/plain", output)
	text = bytes.TrimSpace(text)
	switch {
	case err != nil:
		return errors.Is(err, rpc.ErrUnreachable) || status == 0 && errors.Is(err, core.ErrUnavailable), err
	case status < 300:
		return false, nil
	case status == 400 && q.Has("started_at") && bytes.Contains(text, []byte("started_at")): // this host's clock is wrong
		q.Del("started_at")
		return k.post(ctx, c, q, output)
	}
	return status == 429 || status >= 500, errors.New(string(text))
}
