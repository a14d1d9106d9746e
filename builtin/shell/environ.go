package shell

import (
	"slices"
	"strings"

	"dkron/plugin/keys"
)

// The two variables that mark a process as part of an execution, even after it has left its group.
const (
	jobNameVar     = keys.JobNameVar
	executionIDVar = keys.ExecutionIDVar
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

func envName(entry string) string {
	name, _, _ := strings.Cut(entry, "=")
	return name
}
