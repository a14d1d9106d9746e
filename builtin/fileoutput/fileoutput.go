// Package fileoutput is the processor that writes outputs to files.
package fileoutput

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dkron/plugin"
)

// defaultDir is where files go if a job says nothing.
const defaultDir = "/var/log/dkron"

// Processor writes each output to a file of its own.
type Processor struct {
	base   string // if not empty, directories must be in it
	sweeps sweeps
}

// New returns the processor. If base is not empty, it is the directory in which those of jobs must be.
func New(base string) *Processor { return &Processor{base: base} }

// Describe returns the description of the keys.
func (p *Processor) Describe() json.RawMessage {
	return plugin.Schema{
		Description: "Writes each output to a file on the server that leads, or on the node that ran the execution.",
		Properties: []plugin.Property{
			{
				Name: "log_dir", Title: "Directory", Default: defaultDir, Examples: []string{"/var/log/jobs"},
				Description: "Directory of the files, on the server or the node. It is made if it is missing.",
			},
			{
				Name: "max_age", Title: "Maximum age", Format: plugin.Duration, Examples: []string{"720h"},
				Description: "Files of outputs in the directory that are older are removed. Without it none is.",
			},
			{
				Name: "max_files", Title: "Maximum number of files", Format: plugin.Integer, Examples: []string{"10000"},
				Description: "The oldest files of outputs in the directory are removed while there are more. Without it none is.",
			},
			{
				Name: "max_size", Title: "Maximum size", Examples: []string{"500MB"},
				Description: "The oldest files of outputs in the directory are removed while all of them have more bytes. A number, perhaps with KB, MB, GB or TB. Without it none is.",
			},
			plugin.ForwardProperty(), plugin.OnProperty(), plugin.OrderProperty(),
		},
	}.JSON()
}

// Check returns the problems of a configuration.
func (p *Processor) Check(config map[string]string) []plugin.Problem {
	found := plugin.CheckForward(config)
	if dir := config["log_dir"]; dir != "" && !filepath.IsAbs(dir) {
		found = append(found, plugin.Problem{Key: "log_dir", Text: "is " + plugin.Shown(dir) +
			", which depends on where the agent was started; write an absolute path, such as " + defaultDir})
	} else if err := p.allows(dir); dir != "" && err != nil && config[plugin.On] != "node" { // the node has a setting of its own
		found = append(found, plugin.Problem{Key: "log_dir", Text: err.Error(), Severity: plugin.Hopeless})
	}
	_, bad := boundsOf(config)
	return append(found, bad...)
}

// allows returns why files may not be written to a directory, as the continuation of log_dir.
func (p *Processor) allows(dir string) error {
	if p.base == "" {
		return nil
	}
	rel, err := filepath.Rel(p.base, dir)
	if err == nil && filepath.IsLocal(rel) {
		return nil
	}
	return fmt.Errorf("is %s, which is outside of %s, so nothing is written; write a directory in it", plugin.Shown(dir), p.base)
}

// Process writes the output. What is there under a name is either complete or of another output.
func (p *Processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	dir := req.Config["log_dir"]
	if dir == "" {
		if dir = defaultDir; p.base != "" {
			dir = p.base
		}
	}
	if err := p.allows(dir); err != nil {
		return nil, fmt.Errorf("log_dir %w: %w", err, plugin.ErrUndeliverable)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // other users read logs
		return nil, err
	}
	path := filepath.Join(dir, name(req, ""))
	other, err := holdsOther(ctx, path, req)
	if err != nil {
		return nil, err
	}
	if other { // another job's, of the same nanosecond
		path = filepath.Join(dir, name(req, "-"+safe(req.JobName)))
	}
	if err := write(ctx, path, req); err != nil {
		return nil, err
	}
	limits, _ := boundsOf(req.Config)
	p.sweeps.sweep(dir, filepath.Base(path), limits)
	return req.Replace(path), nil
}

// suffix is the end of the names of files.
const suffix = ".log"

// name returns the name of the file: clients know its form.
func name(req *plugin.ProcessRequest, more string) string {
	return strconv.FormatInt(req.StartedAt.UnixNano(), 10) + "-" + safe(req.NodeName) + more + suffix
}

// safe returns a text as a part of a file's name.
func safe(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("-_.", r):
			return r
		}
		return '_'
	}, text)
}

// write makes the file appear with all of its content, on disk, or not at all.
func write(ctx context.Context, path string, req *plugin.ProcessRequest) (err error) {
	in, err := req.Whole(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	f, err := os.CreateTemp(filepath.Dir(path), ".dkron-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, in)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("sync the directory: %w", err)
	}
	return nil
}
