package plugintest

import (
	"time"

	"dkron/plugin"
)

// Result is a result that a processor is given with a configuration.
func Result(config map[string]string, output string) *plugin.ProcessRequest {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	return &plugin.ProcessRequest{
		JobName: "job", Config: config, ReportingNode: "server", LaunchID: "launch-1", ExecutionID: "execution-1", Group: 7, Attempt: 2, NodeName: "node",
		ScheduledAt: at, StartedAt: at.Add(time.Millisecond), FinishedAt: at.Add(1500 * time.Millisecond),
		Outcome: "failed", Error: "exit status 1", Output: []byte(output),
	}
}
