package executor

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/plugin"
)

// A launch may differ from its job: see dkron.Change. Executors say which of their keys that concerns, and the
// configuration that a node is sent has the difference in it already, so that nodes of any version know it.

// property is the part of a description that says what a change does to the key.
type property struct {
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`

	Role     plugin.Role `json:"x-role"`
	Encoding string      `json:"contentEncoding"`
}

// role is the key that has a role.
type role struct {
	key    string
	base64 bool
}

func rolesOf(properties map[string]property) map[plugin.Role]role {
	roles := make(map[plugin.Role]role)
	for key, p := range properties {
		if p.Role != "" {
			roles[p.Role] = role{key, p.Encoding == "base64"}
		}
	}
	return roles
}

// Suits refuses a change that the executor of that name can't use. Its error names the field.
func (c *Catalogue) Suits(name string, change *dkron.Change) error {
	if change.Empty() {
		return nil
	}
	e := c.find(name)
	if e == nil {
		return dkron.Invalid("executor %.64q is not one that nodes of this version have, so its launch can't have an environment or a payload of its own", name)
	}
	if _, ok := e.roles[plugin.Environment]; !ok && len(change.Env) > 0 {
		return dkron.Invalid("env does not apply to this job: its executor, %s, has no environment", name)
	}
	if _, ok := e.roles[plugin.Payload]; !ok && change.Payload != nil {
		return dkron.Invalid("payload does not apply to this job: its executor, %s, has no payload", name)
	}
	return nil
}

// The variables of a launch that runs another one again, for executors with an environment.
const (
	rerunOf  = "DKRON_RERUN_OF"
	rerunDue = "DKRON_RERUN_SCHEDULED_AT"
)

// Configure returns the configuration of a job's executor for a launch that varies; the others have the job's own. It
// fails if the launch has an environment or a payload that the executor can't use, because the job has been changed
// since.
func (c *Catalogue) Configure(j *dkron.Job, l *dkron.Launch) (map[string]string, error) {
	if !l.Varied() {
		return j.ExecutorConfig, nil
	}
	if err := c.Suits(j.Executor, l.Change); err != nil {
		return nil, err
	}
	config, e := maps.Clone(j.ExecutorConfig), c.find(j.Executor)
	if e == nil {
		return config, nil
	}
	if config == nil {
		config = make(map[string]string)
	}
	if r, ok := e.roles[plugin.Environment]; ok {
		config[r.key] = overlay(config[r.key], variables(l))
	}
	if r := e.roles[plugin.Payload]; l.Change != nil && l.Change.Payload != nil {
		text := l.Change.Payload.Text
		if r.base64 {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		config[r.key] = text
	}
	return config, nil
}

// variables returns what a launch adds to the environment.
func variables(l *dkron.Launch) map[string]string {
	env := make(map[string]string)
	if l.Change != nil {
		maps.Copy(env, l.Change.Env)
	}
	if l.RerunOf != "" {
		env[rerunOf], env[rerunDue] = l.RerunOf, l.RerunDue.UTC().Format(time.RFC3339Nano)
	}
	return env
}

// overlay adds variables to a list as plugin.Environment describes it. A value that ends with a backslash can only be
// the last, as the comma after it would be taken for a part of it.
func overlay(list string, env map[string]string) string {
	var entries []string
	last := ""
	for _, entry := range splitList(list) {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimLeft(entry, " \t\r\n"), "=")
		switch _, replaced := env[name]; {
		case replaced:
		case strings.HasSuffix(entry, `\`):
			last = entry
		default:
			entries = append(entries, entry)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		entries = append(entries, name+"="+strings.ReplaceAll(env[name], ",", `\,`))
	}
	if last != "" {
		entries = append(entries, last)
	}
	return strings.Join(entries, ",")
}

// splitList splits a list at its commas and leaves the entries as they are written.
func splitList(list string) (entries []string) {
	from := 0
	for i := 0; i < len(list); i++ {
		if list[i] == ',' && (i == 0 || list[i-1] != '\\') {
			entries = append(entries, list[from:i])
			from = i + 1
		}
	}
	return append(entries, list[from:])
}
