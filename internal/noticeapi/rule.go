package noticeapi

import (
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// matchJSON selects jobs.
type matchJSON struct {
	Jobs     []string          `json:"jobs,omitempty"`
	Owner    string            `json:"owner,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

type quietJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
	Zone string `json:"zone"`
}

// ruleJSON is a rule.
type ruleJSON struct {
	Name        string             `json:"name"`
	Disabled    bool               `json:"disabled"`
	On          []dkron.AlertEvent `json:"on"`
	Match       matchJSON          `json:"match"`
	Channels    []string           `json:"channels"`
	Severity    string             `json:"severity"`
	InARow      uint64             `json:"in_a_row,omitempty"`
	LongerThan  string             `json:"longer_than,omitempty"`
	ShorterThan string             `json:"shorter_than,omitempty"`
	Output      string             `json:"output,omitempty"`
	Quiet       *quietJSON         `json:"quiet,omitempty"`
	Remind      string             `json:"remind,omitempty"`
	Revision    uint64             `json:"revision"`
	UpdatedAt   *time.Time         `json:"updated_at"`
	UpdatedBy   string             `json:"updated_by"`
}

func newRule(r *dkron.Rule) *ruleJSON {
	out := &ruleJSON{
		Name: r.Name, Disabled: r.Disabled, On: r.On, Match: matchJSON(r.Match), Channels: append([]string{}, r.Channels...), Severity: string(r.Severity),
		InARow: r.InARow, LongerThan: duration(r.Longer), ShorterThan: duration(r.Short), Output: r.Output, Remind: duration(r.Remind),
		Revision: r.Revision, UpdatedAt: respond.Nullable(r.UpdatedAt), UpdatedBy: r.UpdatedBy,
	}
	if out.Severity == "" {
		out.Severity = string(dkron.SeverityWarning)
	}
	if r.Quiet != (dkron.Quiet{}) {
		out.Quiet = &quietJSON{r.Quiet.From, r.Quiet.To, r.Quiet.Zone}
	}
	return out
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func parseDuration(field, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, dkron.Invalid("%s %.40q is not a duration; write one such as 90s or 2h", field, text)
	}
	return d, nil
}

func (in *ruleJSON) rule() (r *dkron.Rule, err error) {
	if in.Channels == nil { // forgotten, or it would say []
		return nil, dkron.Invalid("channels is missing: name those to report through, or write [] for only those that a job names itself")
	}
	r = &dkron.Rule{
		Name: in.Name, Disabled: in.Disabled, On: in.On, Match: dkron.Match(in.Match), Channels: in.Channels,
		Severity: dkron.AlertSeverity(in.Severity), InARow: in.InARow, Output: in.Output,
	}
	if in.Quiet != nil {
		r.Quiet = dkron.Quiet{From: in.Quiet.From, To: in.Quiet.To, Zone: in.Quiet.Zone}
	}
	for _, d := range []struct {
		field, text string
		to          *time.Duration
	}{{"longer_than", in.LongerThan, &r.Longer}, {"shorter_than", in.ShorterThan, &r.Short}, {"remind", in.Remind, &r.Remind}} {
		if *d.to, err = parseDuration(d.field, d.text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (a *api) listRules(w http.ResponseWriter, r *http.Request) error {
	list, err := read(a, func(tx *state.Tx) (list []*ruleJSON, err error) {
		all, err := tx.Rules()
		for _, one := range all {
			list = append(list, newRule(one))
		}
		return list, err
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, len(list), list)
}

func (a *api) getRule(w http.ResponseWriter, r *http.Request) error {
	found, err := read(a, func(tx *state.Tx) (*dkron.Rule, error) { return tx.Rule(r.PathValue("rule")) })
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newRule(found))
}

func (a *api) putRule(w http.ResponseWriter, r *http.Request) error {
	in := ruleJSON{Name: r.PathValue("rule")}
	if err := decode(r, &in); err != nil {
		return err
	}
	if in.Name != r.PathValue("rule") {
		return dkron.Invalid("name %.64q differs from the name in the path, %.64q", in.Name, r.PathValue("rule"))
	}
	rule, err := in.rule()
	if err != nil {
		return err
	}
	done, err := request.Do(r.Context(), a.Controller, &request.SetRule{Rule: *rule})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newRule(&done.Rule))
}

func (a *api) deleteRule(w http.ResponseWriter, r *http.Request) error {
	if _, err := request.Do(r.Context(), a.Controller, &request.DeleteRule{Rule: r.PathValue("rule")}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// silenceJSON is a silence. Clients write match, from, until or duration, and reason.
type silenceJSON struct {
	Number    uint64     `json:"number"`
	Match     matchJSON  `json:"match"`
	From      *time.Time `json:"from"`
	Until     *time.Time `json:"until"`
	Duration  string     `json:"duration,omitempty"`
	Reason    string     `json:"reason"`
	CreatedAt *time.Time `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	EndedBy   string     `json:"ended_by"`
}

func newSilence(s *dkron.Silence) *silenceJSON {
	return &silenceJSON{
		Number: s.Number, Match: matchJSON(s.Match), From: respond.Nullable(s.From), Until: respond.Nullable(s.Until), Reason: s.Reason,
		CreatedAt: respond.Nullable(s.CreatedAt), CreatedBy: s.CreatedBy, EndedBy: s.EndedBy,
	}
}

func (a *api) listSilences(w http.ResponseWriter, r *http.Request) error {
	list, err := read(a, func(tx *state.Tx) (list []*silenceJSON, err error) {
		all, err := tx.Silences()
		for _, one := range slices.Backward(all) {
			list = append(list, newSilence(one))
		}
		return list, err
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, len(list), list)
}

func (a *api) addSilence(w http.ResponseWriter, r *http.Request) error {
	var in silenceJSON
	if err := decode(r, &in); err != nil {
		return err
	}
	s := dkron.Silence{Match: dkron.Match(in.Match), Reason: in.Reason}
	if in.From != nil {
		s.From = *in.From
	}
	if in.Until != nil {
		s.Until = *in.Until
	}
	d, err := parseDuration("duration", in.Duration)
	if err != nil {
		return err
	}
	if d > 0 && in.Until != nil {
		return dkron.Invalid("duration and until say the same; write one of them")
	}
	done, err := request.Do(r.Context(), a.Controller, &request.AddSilence{Silence: s, Duration: d})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusCreated, newSilence(&done.Silence))
}

func (a *api) getSilence(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "a silence")
	if err != nil {
		return err
	}
	s, err := read(a, func(tx *state.Tx) (*dkron.Silence, error) { return tx.Silence(n) })
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newSilence(s))
}

func (a *api) endSilence(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "a silence")
	if err != nil {
		return err
	}
	done, err := request.Do(r.Context(), a.Controller, &request.EndSilence{Number: n})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newSilence(&done.Silence))
}
