package executor_test

import (
	"testing"

	"dkron"
	"dkron/builtin"
	"dkron/internal/executor"
)

func TestProcessorsOfAJobAreJudged(t *testing.T) {
	all := builtin.NewProcessors(builtin.ProcessorOptions{FilesDir: "/srv/out"})
	known, err := executor.KnownProcessors(all.Names(), all.ByName())
	if err != nil {
		t.Fatal(err)
	}
	p := executor.NewProcessors(known, nil)
	for _, c := range []struct {
		name     string
		config   map[string]string
		want     string
		severity dkron.Severity
	}{
		{"log", nil, "", 0},
		{"log", map[string]string{"forward": "true", "order": "-1", "format": "json"}, "", 0},
		{"file", nil, "processors.file is not a processor that servers of this version have, so outputs are not given to it; did you mean files?", 0},
		{"kafka", nil, "processors.kafka is not a processor that servers of this version have, so outputs are not given to it; write log, files, syslog, email, slack or elasticsearch", 0},
		{"log", map[string]string{"froward": "1"}, "processors.log.froward is unknown and ignored; did you mean forward?", 0},
		{"log", map[string]string{"forward": "si"}, `processors.log.forward is "si", which is not a boolean, so it counts as false; write "true" or "false"`, 0},
		{"log", map[string]string{"order": "first"}, `processors.log.order is "first", which is not a whole number, so it counts as 0; write one such as "10"`, 0},
		{"log", map[string]string{"on": "node"}, "", 0},
		{"files", map[string]string{"on": "leader"}, "", 0},
		{"log", map[string]string{"on": "agent"}, `processors.log.on is "agent", which is not a place, so it counts as leader; write "leader" or "node"`, 0},
		{"files", map[string]string{"log_dir": "/etc", "on": "node"}, "", 0}, // the node has a setting of its own
		{"files", map[string]string{"log_dir": "/etc"}, `processors.files.log_dir is "/etc", which is outside of /srv/out, so nothing is written; write a directory in it`, dkron.Hopeless},
	} {
		got := p.Judge(&dkron.Job{Processors: map[string]map[string]string{c.name: c.config}})
		switch {
		case c.want == "" && len(got) > 0, c.want != "" && (len(got) != 1 || got[0].Text != c.want || got[0].Severity != c.severity):
			t.Errorf("%s %v: %+v", c.name, c.config, got)
		}
	}
}
