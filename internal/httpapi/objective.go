package httpapi

import (
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/objective"
	"dkron/internal/respond"
)

// objectiveJSON is how one objective of a job stands.
type objectiveJSON struct {
	Job         string          `json:"job"`
	DisplayName string          `json:"displayname"`
	Owner       string          `json:"owner"`
	Objective   dkron.Objective `json:"objective"`
	Expected    string          `json:"expected"`
	State       objective.State `json:"state"`
	Since       *time.Time      `json:"since"`     // from when on it has been broken
	BreaksAt    *time.Time      `json:"breaks_at"` // when it will be broken, if nothing happens
	Reason      string          `json:"reason"`
}

func newObjectiveJSON(s *objective.Standing) objectiveJSON {
	out := objectiveJSON{
		Job: s.Job, DisplayName: s.DisplayName, Owner: s.Owner, Objective: s.Objective, Expected: s.Expected, State: s.State, Reason: s.Reason,
	}
	at := respond.Nullable(s.At)
	if s.State == objective.Broken {
		out.Since = at
	} else {
		out.BreaksAt = at
	}
	return out
}

// objectiveStates returns the words of the parameter state.
func objectiveStates() (words []string) {
	for _, s := range objective.States {
		words = append(words, string(s))
	}
	return words
}

// listObjectives answers with how objectives stand, worst first. It takes the filters of a list of jobs.
func (a *api) listObjectives(w http.ResponseWriter, r *http.Request) error {
	v, now := r.URL.Query(), a.now()
	jobs, err := parseSelection(v, now)
	if err != nil {
		return err
	}
	states, err := parseWords(v, "state", objectiveStates())
	if err != nil {
		return err
	}
	page, err := respond.ParsePage(v)
	if err != nil {
		return err
	}
	jobs.Filter.May = access.Sees(r.Context())
	all, err := a.board.List(jobs.Each(a.Store.Index()), now)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(s objective.Standing) bool { return states != nil && !states[string(s.State)] })
	part := respond.Cut(page, all)
	list := make([]objectiveJSON, len(part))
	for i := range part {
		list[i] = newObjectiveJSON(&part[i])
	}
	return respond.List(w, r, len(all), list)
}
