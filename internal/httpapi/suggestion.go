package httpapi

import (
	"errors"
	"net/http"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
	"dkron/internal/suggest"
)

// getSuggestions answers with what jobs have in a field.
func (a *api) getSuggestions(w http.ResponseWriter, r *http.Request) error {
	field := r.URL.Query().Get("field")
	var list *suggest.List
	err := a.Store.View(func(tx *state.Tx) (err error) {
		list, err = suggest.Of(a.Store.Index(), field, r.URL.Query().Get("text"), func(job string) (string, error) {
			j, _, err := tx.Record(job)
			if errors.Is(err, dkron.ErrNotFound) {
				return "", nil // it was deleted meanwhile
			}
			if err != nil {
				return "", err
			}
			return j.OwnerEmail, nil
		})
		return err
	})
	if err != nil {
		return err
	}
	if list == nil {
		return respond.Refuse(http.StatusBadRequest, "field must be %s, not %q", suggest.Fields, respond.Shorten(field))
	}
	return respond.JSON(w, r, http.StatusOK, list)
}
