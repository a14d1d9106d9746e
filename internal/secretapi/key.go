package secretapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/secret"
	"dkron/internal/state"
)

// keyJSON is a key, which has an id and is never shown.
type keyJSON struct {
	ID      string `json:"id"`
	Seals   bool   `json:"seals"`   // the first: new values are sealed with it
	Here    bool   `json:"here"`    // this server has it
	Secrets int    `json:"secrets"` // how many are sealed with it
}

func (a *api) has(key string) bool { return slices.Contains(a.Vault.Keys.IDs(), key) }

// keys lists this server's keys, then those that secrets are sealed with and that it lacks.
func (a *api) keys(w http.ResponseWriter, r *http.Request) error {
	all, err := a.secrets()
	if err != nil {
		return err
	}
	list := []keyJSON{}
	for i, id := range a.Vault.Keys.IDs() {
		list = append(list, keyJSON{ID: id, Seals: i == 0, Here: true})
	}
	for _, s := range all {
		id, err := secret.KeyID(s.Sealed)
		if err != nil {
			continue
		}
		i := slices.IndexFunc(list, func(k keyJSON) bool { return k.ID == id })
		if i < 0 {
			i, list = len(list), append(list, keyJSON{ID: id})
		}
		list[i].Secrets++
	}
	return respond.List(w, r, len(list), list)
}

func (a *api) secrets() (all []*dkron.Secret, err error) {
	err = a.Vault.Store.View(func(tx *state.Tx) (err error) {
		all, err = tx.Secrets()
		return err
	})
	return all, err
}

// rotatedJSON is what rotate has done.
type rotatedJSON struct {
	Key    string `json:"key"`    // that all secrets are sealed with now
	Sealed int    `json:"sealed"` // how many were sealed anew
}

// rotate seals anew what is not sealed with this server's first key. One that somebody sets meanwhile is sealed anew already.
func (a *api) rotate(w http.ResponseWriter, r *http.Request) error {
	ids := a.Vault.Keys.IDs()
	if len(ids) == 0 {
		return dkron.Conflict("%w", secret.ErrNoKey)
	}
	if err := a.Vault.Sync(r.Context()); err != nil {
		return err
	}
	all, err := a.secrets()
	if err != nil {
		return err
	}
	out := rotatedJSON{Key: ids[0]}
	var failed []string
	for _, s := range all {
		if a.Vault.Keys.Current(s.Sealed) {
			continue
		}
		switch err := a.reseal(r.Context(), s); {
		case err == nil:
			out.Sealed++
		case errors.Is(err, errLocked):
			failed = append(failed, err.Error())
		case !errors.Is(err, dkron.ErrConflict): // else it was set or removed meanwhile
			return err
		}
	}
	if len(failed) > 0 {
		return dkron.Conflict("%d of %d secrets could not be sealed anew: %s", len(failed), len(all), strings.Join(failed[:min(len(failed), 3)], "; "))
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

var errLocked = errors.New("locked")

func (a *api) reseal(ctx context.Context, s *dkron.Secret) error {
	value, err := a.Vault.Keys.Open(s.Name, s.Sealed)
	if err != nil {
		return dkron.Error(errLocked, "%w", err)
	}
	sealed, err := a.Vault.Keys.Seal(s.Name, value)
	if err != nil {
		return err
	}
	_, err = request.Do(ctx, a.Controller, &request.SetSecret{Secret: dkron.Secret{Name: s.Name, Sealed: sealed}, Reseal: s.Revision, KeepJobs: true})
	return err
}
