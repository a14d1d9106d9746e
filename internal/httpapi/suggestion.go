package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// Limits of a list of suggestions.
const (
	maxSuggestions = 50
	maxOwnersRead  = 200 // whose e-mail addresses are read
)

// suggestionsJSON is values that jobs have, the most frequent first.
type suggestionsJSON struct {
	Values    []suggestionJSON `json:"values"`
	Truncated bool             `json:"truncated"` // there are more
}

type suggestionJSON struct {
	Value string `json:"value"`
	Count int    `json:"count"` // jobs that have it
}

// getSuggestions answers with what jobs have in a field.
func (a *api) getSuggestions(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	field, part := v.Get("field"), v.Get("text")
	var list []index.Value
	var more bool
	switch key, ofMetadata := strings.CutPrefix(field, "metadata."); {
	case field == "owner":
		list, more = a.Store.Index().Values(index.Owners, part, maxSuggestions)
	case field == "owner_email":
		owners, rest := a.Store.Index().Values(index.Owners, "", maxOwnersRead)
		emails, err := a.emailsOf(owners, strings.ToLower(part))
		if err != nil {
			return err
		}
		list, more = emails[:min(len(emails), maxSuggestions)], rest || len(emails) > maxSuggestions
	case field == "metadata":
		list, more = a.Store.Index().Values(index.MetadataKeys, part, maxSuggestions)
	case ofMetadata && key != "":
		list, more = a.Store.Index().Values(index.MetadataValues(key), part, maxSuggestions)
	default:
		return respond.Refuse(http.StatusBadRequest, "field must be owner, owner_email, metadata, or metadata.KEY, not %q", respond.Shorten(field))
	}
	out := suggestionsJSON{Values: []suggestionJSON{}, Truncated: more}
	for _, s := range list {
		out.Values = append(out.Values, suggestionJSON{s.Value, s.Count})
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

// emailsOf returns the e-mail addresses of owners, which the index lacks: those of one job each.
func (a *api) emailsOf(owners []index.Value, part string) (emails []index.Value, err error) {
	err = a.Store.View(func(tx *state.Tx) error {
		for _, owner := range owners {
			j, _, err := tx.Record(owner.Job)
			if errors.Is(err, dkron.ErrNotFound) {
				continue // it was deleted meanwhile
			}
			if err != nil {
				return err
			}
			known := slices.ContainsFunc(emails, func(v index.Value) bool { return v.Value == j.OwnerEmail })
			if j.OwnerEmail != "" && !known && strings.Contains(strings.ToLower(j.OwnerEmail), part) {
				emails = append(emails, index.Value{Value: j.OwnerEmail, Count: owner.Count})
			}
		}
		return nil
	})
	return emails, err
}
