package builtin

import (
	"log/slog"
	"os"

	"dkron/builtin/elasticoutput"
	"dkron/builtin/emailoutput"
	"dkron/builtin/fileoutput"
	"dkron/builtin/logoutput"
	"dkron/builtin/slackoutput"
	"dkron/builtin/syslogoutput"
	"dkron/internal/reach"
	"dkron/plugin"
)

// processorRow is a processor and the name by which jobs ask for it.
type processorRow struct {
	name      string
	processor plugin.Processor
}

// processorTable is every built-in processor, in the order in which people are offered them. Each row has a page
// docs/guide/processor-<name>.md.
func processorTable(o ProcessorOptions) []processorRow {
	return []processorRow{
		{"log", logoutput.New(os.Stdout, os.Stderr)},
		{"files", fileoutput.New(o.FilesDir)},
		{"syslog", syslogoutput.New()},
		{"email", emailoutput.New(o.ConfigDirs, o.Logger)},
		{"slack", slackoutput.New(o.ConfigDirs, o.Reach, o.Logger)},
		{"elasticsearch", elasticoutput.New(o.ConfigDirs, o.Reach, o.Logger)},
	}
}

// ProcessorOptions are a node's settings of processors.
type ProcessorOptions struct {
	// FilesDir, if not empty, is the directory in which the directories of the processor files must be.
	FilesDir string
	// ConfigDirs are the directories in which processors look for files with their configurations, in this order.
	ConfigDirs []string
	// Reach says which addresses are called; nil: the policy without settings.
	Reach  *reach.Policy
	Logger *slog.Logger // nil: nothing is logged
}

// Processors are the built-in processors of a node. They are safe for concurrent use.
type Processors struct{ rows []processorRow }

// NewProcessors returns them.
func NewProcessors(o ProcessorOptions) *Processors {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Processors{processorTable(o)}
}

// Names returns their names, in the order in which people are offered them.
func (p *Processors) Names() (names []string) {
	for _, r := range p.rows {
		names = append(names, r.name)
	}
	return names
}

// ByName returns a new map of them.
func (p *Processors) ByName() map[string]plugin.Processor {
	m := make(map[string]plugin.Processor)
	for _, r := range p.rows {
		m[r.name] = r.processor
	}
	return m
}

// Close releases what they hold without an output, such as idle connections.
func (p *Processors) Close() {
	for _, r := range p.rows {
		end(r.processor)
	}
}
