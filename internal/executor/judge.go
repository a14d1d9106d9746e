package executor

import (
	"maps"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/near"
	"dkron/internal/secret"
	"dkron/plugin"
)

// Judge returns the problems of a job's executor and of its configuration.
func (c *Catalogue) Judge(j *dkron.Job) []dkron.Problem {
	if e := c.find(j.Executor); e != nil {
		return problems("executor_config", slices.Concat(known(j.ExecutorConfig, e.check(j.ExecutorConfig)), e.unknownKeys(j.ExecutorConfig)))
	}
	if e := c.other(j.Executor); e != nil { // whether its values are right is for its nodes to say
		return problems("executor_config", e.unknownKeys(j.ExecutorConfig))
	}
	if j.Executor != "" {
		return []dkron.Problem{{Field: "executor", Text: "executor " + plugin.Shown(j.Executor) +
			" is not one that nodes of this version have, so every execution fails; write " + c.names()}}
	}
	if len(j.ExecutorConfig) == 0 { // a draft, or a test of a schedule
		return nil
	}
	return []dkron.Problem{{Field: "executor", Text: "executor is missing, so every execution fails; write " + c.names()}}
}

// known leaves out the problems of values that have a secret in them: what they will be is not known here.
func known(config map[string]string, found []plugin.Problem) []plugin.Problem {
	return slices.DeleteFunc(found, func(p plugin.Problem) bool { return len(secret.Names(config[p.Key])) > 0 })
}

// problems converts those of a configuration into the job's. under is the field that has the configuration.
func problems(under string, found []plugin.Problem) (out []dkron.Problem) {
	for _, p := range found {
		field := under
		if p.Key != "" {
			field += "." + p.Key
		}
		q := dkron.Problem{Field: field, Text: field + " " + p.Text}
		switch p.Severity {
		case plugin.Odd:
		case plugin.Hopeless:
			q.Severity = dkron.Hopeless
		case plugin.Invalid:
			q.Severity, q.Text = dkron.Refused, p.Text
		}
		out = append(out, q)
	}
	return out
}

// unknownKeys returns a problem for each key that the executor does not describe. An executor without a description may
// know any key.
func (e *Entry) unknownKeys(config map[string]string) (problems []plugin.Problem) {
	if e.Schema == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if slices.Contains(e.keys, key) {
			continue
		}
		text := "is unknown and ignored"
		if meant := near.Nearest(key, e.keys); meant != "" {
			text += "; did you mean " + meant + "?"
		}
		problems = append(problems, plugin.Problem{Key: strings.Trim(plugin.Shown(key), `"`), Text: text})
	}
	return problems
}
