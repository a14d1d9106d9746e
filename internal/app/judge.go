package app

import (
	"dkron"
	"dkron/builtin/httpcall"
	"dkron/builtin/shell"
	"dkron/plugin"
)

// judge returns what is wrong with the executor of a job and with its configuration.
func judge(j *dkron.Job) []dkron.Problem {
	switch j.Executor {
	case "shell":
		return problems(shell.Check(j.ExecutorConfig))
	case "http":
		return problems(httpcall.Check(j.ExecutorConfig))
	case "":
		if len(j.ExecutorConfig) == 0 { // a definition of which the work is still to be written, as drafts and tests of schedules are
			return nil
		}
		return []dkron.Problem{{Field: "executor", Text: "executor is missing, so every execution fails; write shell or http"}}
	}
	return []dkron.Problem{{Field: "executor", Text: "executor " + plugin.Shown(j.Executor) +
		" is not one that nodes of this version have, so every execution fails; write shell or http"}}
}

// problems puts an executor's words into the job's.
func problems(found []plugin.Problem) (out []dkron.Problem) {
	for _, p := range found {
		field := "executor_config." + p.Key
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
