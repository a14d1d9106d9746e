package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/near"
	"dkron/internal/secret"
	"dkron/internal/state"
)

// doubtfulSecrets says of each secret that a job refers to why its executions will not get it, and where it would be seen.
func (r *Reviewer) doubtfulSecrets(j *dkron.Job) (found []dkron.Problem) {
	if !secret.Used(j.ExecutorConfig) {
		return nil
	}
	known := make(map[string]*dkron.Secret)
	err := r.Store.View(func(tx *state.Tx) error {
		all, err := tx.Secrets()
		for _, s := range all {
			known[s.Name] = s
		}
		return err
	})
	if err != nil {
		r.Logger.Warn("warnings of a write are incomplete: the secrets can't be read", "job", j.Name, "error", err)
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(j.ExecutorConfig)) {
		field := "executor_config." + key
		for _, name := range secret.Names(j.ExecutorConfig[key]) {
			if text := doubt(known, name, j); text != "" {
				found = append(found, dkron.Problem{Field: field, Text: field + " refers to secret " + name + ", " + text})
			}
			if key == "command" {
				found = append(found, dkron.Problem{Field: field, Text: field + " refers to secret " + name +
					", and other users of the node may see a running command; put it in the environment, and use the variable"})
			}
		}
	}
	return found
}

// doubt returns what is wrong with a reference of a job, "" if nothing is.
func doubt(known map[string]*dkron.Secret, name string, j *dkron.Job) string {
	s := known[name]
	switch {
	case s == nil:
		text := "which does not exist, so every execution fails until somebody sets it"
		if like := near.Nearest(name, slices.Sorted(maps.Keys(known))); like != "" {
			text += "; did you mean " + like + "?"
		}
		return text
	case j.Name != "" && !s.ServesJob(j.Name):
		return fmt.Sprintf("which is for the jobs %s only, so every execution fails", strings.Join(s.Jobs, ", "))
	}
	return ""
}
