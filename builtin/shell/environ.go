package shell

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
)

// The two variables that mark a process as part of an execution, even after it has left its group.
const (
	jobNameVar     = "DKRON_JOB_NAME"
	executionIDVar = "DKRON_EXECUTION_ID"
)

// executionTag identifies an execution on this node. It includes the job, because an execution's id is unique only
// within its job.
func executionTag(job, execution string) string { return job + "\x00" + execution }

// baseEnv is the part of the agent's environment that every command inherits. It is immutable.
type baseEnv struct {
	entries []string
	index   map[string]int // name to position in entries
}

// newBaseEnv leaves out what is only for the agent: its settings, including secrets, and the handshake of plugins.
func newBaseEnv(environ, pass []string) *baseEnv {
	b := &baseEnv{index: make(map[string]int, len(environ))}
	for _, entry := range environ {
		name := envName(entry)
		private := strings.HasPrefix(name, "DKRON_") || strings.HasPrefix(name, "PLUGIN_")
		if private && !slices.Contains(pass, name) {
			continue
		}
		if i, ok := b.index[envKey(name)]; ok {
			b.entries[i] = entry
			continue
		}
		b.index[envKey(name)] = len(b.entries)
		b.entries = append(b.entries, entry)
	}
	return b
}

// overlay returns the environment of a command: the base, then entries, of which later ones override earlier ones, then
// the injected ones. No name occurs twice, because C libraries disagree about which of two counts.
func (b *baseEnv) overlay(entries, injected []string) []string {
	env := make([]string, len(b.entries), len(b.entries)+len(entries)+len(injected))
	copy(env, b.entries)
	for _, list := range [2][]string{entries, injected} {
		for _, entry := range list {
			key := envKey(envName(entry))
			if i, ok := b.index[key]; ok {
				env[i] = entry
				continue
			}
			own := env[len(b.entries):]
			same := func(other string) bool { return envKey(envName(other)) == key }
			if i := slices.IndexFunc(own, same); i >= 0 {
				own[i] = entry
				continue
			}
			env = append(env, entry)
		}
	}
	return env
}

// injected are the variables that identify the execution; a job can't override them, because they are how the processes
// that a command left are found.
func injected(req *plugin.ExecuteRequest) []string {
	return []string{
		jobNameVar + "=" + req.JobName,
		executionIDVar + "=" + req.ExecutionID,
		"ENV_JOB_NAME=" + req.JobName,
		"DKRON_LAUNCH_ID=" + req.LaunchID,
		"DKRON_SCHEDULED_AT=" + req.ScheduledAt.UTC().Format(time.RFC3339Nano),
		"DKRON_ATTEMPT=" + strconv.Itoa(req.Attempt),
		"DKRON_GROUP=" + strconv.FormatInt(req.Group, 10),
		"DKRON_NODE_NAME=" + req.NodeName,
	}
}

// splitEnv splits the key env at its commas; "\," is a comma inside a value. Spaces before a name are dropped. Entries
// without a name or "=" define nothing and are returned as ignored.
func splitEnv(list string) (entries, ignored []string) {
	var entry strings.Builder
	add := func() {
		text := strings.TrimLeft(entry.String(), " \t\r\n")
		entry.Reset()
		switch {
		case text == "":
		case strings.Index(text, "=") < 1:
			ignored = append(ignored, text)
		default:
			entries = append(entries, text)
		}
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
	return entries, ignored
}

func envName(entry string) string {
	name, _, _ := strings.Cut(entry, "=")
	return name
}
