package keys

import (
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
)

// The two variables that identify an execution.
const (
	JobNameVar     = "DKRON_JOB_NAME"
	ExecutionIDVar = "DKRON_EXECUTION_ID"
)

// Identity returns the variables, as NAME=value, that tell a command which execution it is. A job can't override them,
// because they are how the processes that a command left are found.
func Identity(req *plugin.ExecuteRequest) []string {
	vars := []string{
		JobNameVar + "=" + req.JobName,
		ExecutionIDVar + "=" + req.ExecutionID,
		"ENV_JOB_NAME=" + req.JobName,
		"DKRON_LAUNCH_ID=" + req.LaunchID,
		"DKRON_SCHEDULED_AT=" + req.ScheduledAt.UTC().Format(time.RFC3339Nano),
		"DKRON_ATTEMPT=" + strconv.Itoa(req.Attempt),
		"DKRON_GROUP=" + strconv.FormatInt(req.Group, 10),
		"DKRON_NODE_NAME=" + req.NodeName,
	}
	if req.TraceParent != "" {
		vars = append(vars, "TRACEPARENT="+req.TraceParent)
	}
	return vars
}

// Entries splits a list of NAME=value, such as the key env, at its commas; "\," is a comma inside a value. Spaces before
// a name are dropped. Entries without a name or "=" define nothing and are returned as ignored.
func Entries(list string) (entries, ignored []string) {
	for _, text := range List(list) {
		if strings.Index(text, "=") < 1 {
			ignored = append(ignored, text)
		} else {
			entries = append(entries, text)
		}
	}
	return entries, ignored
}

// List splits a list at its commas; "\," is a comma inside an entry. Spaces before an entry and empty entries are dropped.
func List(list string) (entries []string) {
	var entry strings.Builder
	add := func() {
		if text := strings.TrimLeft(entry.String(), " \t\r\n"); text != "" {
			entries = append(entries, text)
		}
		entry.Reset()
	}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && i+1 < len(list) && list[i+1] == ',':
			entry.WriteByte(',')
			i++
		case c == ',':
			add()
		default:
			entry.WriteByte(c)
		}
	}
	add()
	return entries
}
