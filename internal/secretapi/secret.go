package secretapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/secret"
	"dkron/internal/state"
	"dkron/internal/vault"
)

// Config is what the endpoints need.
type Config struct {
	Controller request.Doer
	Vault      *vault.Vault
}

type api struct{ Config }

// Routes returns the endpoints.
func Routes(cfg Config) []httpserver.Route {
	a := &api{cfg}
	type m = map[string]httpserver.Endpoint
	return []httpserver.Route{
		{Path: "/v1/secrets", Methods: m{"GET": a.list}},
		{Path: "/v1/secrets/{name}", Methods: m{"GET": a.get, "PUT": a.put, "DELETE": a.remove}},
		{Path: "/v1/secret-keys", Methods: m{"GET": a.keys}},
		{Path: "/v1/secret-keys/rotate", Methods: m{"POST": a.rotate}},
	}
}

// secretJSON is a secret as clients read it: all but its value.
type secretJSON struct {
	Name      string     `json:"name"`
	Jobs      []string   `json:"jobs"`
	UsedBy    usersJSON  `json:"used_by"`
	Key       string     `json:"key"`
	Readable  bool       `json:"readable"` // this server has the key
	Revision  uint64     `json:"revision"`
	CreatedAt *time.Time `json:"created_at"`
	UpdatedAt *time.Time `json:"updated_at"`
	UpdatedBy string     `json:"updated_by"`
	ValueAt   *time.Time `json:"value_set_at"`
}

// usersJSON is what refers to a secret.
type usersJSON struct {
	Jobs     []string `json:"jobs"` // at most shownJobs
	JobCount int      `json:"job_count"`
	Channels []string `json:"channels"`
}

// shownJobs is how many jobs an answer names for each secret.
const shownJobs = 100

func (a *api) newSecret(s *dkron.Secret, users state.Users) *secretJSON {
	key, _ := secret.KeyID(s.Sealed) // one of a newer version has none that is known here
	return &secretJSON{
		Name: s.Name, Jobs: filled(s.Jobs), Key: key, Readable: a.has(key),
		UsedBy:   usersJSON{Jobs: filled(users.Jobs[:min(len(users.Jobs), shownJobs)]), JobCount: len(users.Jobs), Channels: filled(users.Channels)},
		Revision: s.Revision, CreatedAt: respond.Nullable(s.CreatedAt), UpdatedAt: respond.Nullable(s.UpdatedAt), UpdatedBy: s.UpdatedBy,
		ValueAt: respond.Nullable(s.ValueAt),
	}
}

func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (a *api) list(w http.ResponseWriter, r *http.Request) error {
	list := []*secretJSON{}
	err := a.Vault.Store.View(func(tx *state.Tx) error {
		users, err := tx.SecretUsers()
		if err != nil {
			return err
		}
		all, err := tx.Secrets()
		for _, s := range all {
			list = append(list, a.newSecret(s, users[s.Name]))
		}
		return err
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, len(list), list)
}

// shown returns a secret as this server has it.
func (a *api) shown(name string) (out *secretJSON, err error) {
	err = a.Vault.Store.View(func(tx *state.Tx) error {
		s, err := tx.Secret(name)
		if err != nil {
			return err
		}
		users, err := tx.SecretUsers()
		out = a.newSecret(s, users[name])
		return err
	})
	return out, err
}

func (a *api) get(w http.ResponseWriter, r *http.Request) error {
	s, err := a.shown(r.PathValue("name"))
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, s)
}

// writtenJSON is what clients write. What is left out stays as it is.
type writtenJSON struct {
	Value *string   `json:"value"`
	Jobs  *[]string `json:"jobs"`
}

func (a *api) put(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := secret.CheckName(name); err != nil {
		return dkron.Invalid("%w", err)
	}
	var in writtenJSON
	if err := decode(r, &in); err != nil {
		return err
	}
	set := &request.SetSecret{Secret: dkron.Secret{Name: name}, KeepJobs: in.Jobs == nil}
	if in.Value == nil && in.Jobs == nil {
		return dkron.Invalid(`value is missing; write {"value": "…"}`)
	}
	if in.Jobs != nil {
		set.Secret.Jobs = *in.Jobs
	}
	if in.Value != nil {
		if err := secret.CheckValue(*in.Value); err != nil {
			return dkron.Invalid("%w", err)
		}
		sealed, err := a.Vault.Keys.Seal(name, *in.Value)
		if err != nil {
			return dkron.Conflict("%w", err)
		}
		set.Secret.Sealed = sealed
	}
	done, err := request.Do(r.Context(), a.Controller, set)
	if err != nil {
		return err
	}
	out, err := a.shown(name)
	if err != nil { // it was removed meanwhile
		out = a.newSecret(&done.Secret, state.Users{})
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

func (a *api) remove(w http.ResponseWriter, r *http.Request) error {
	var force bool
	switch text := r.URL.Query().Get("force"); text {
	case "", "false":
		force = r.URL.Query().Has("force") && text == ""
	case "true":
		force = true
	default:
		return dkron.Invalid("force is %.20q; write true or false", text)
	}
	if _, err := request.Do(r.Context(), a.Controller, &request.DeleteSecret{Secret: r.PathValue("name"), Force: force}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// decode reads a body, which is one JSON object without unknown fields. No error repeats a value.
func decode(r *http.Request, v any) error {
	data, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return respond.Refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", large.Limit)
	}
	if err != nil {
		return respond.Refuse(http.StatusBadRequest, "the body could not be read: %v", err)
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		var wrong *json.UnmarshalTypeError
		switch {
		case errors.As(err, &wrong):
			return dkron.Invalid(`%s can't be a %s; write {"value": "…"}, and perhaps "jobs": ["backup-*"]`, wrong.Field, wrong.Value)
		case strings.Contains(err.Error(), "unknown field"):
			return dkron.Invalid(`the body has a field other than value and jobs; write {"value": "…"}`)
		}
		return dkron.Invalid(`the body is not JSON; write {"value": "…"}`)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return dkron.Invalid("the body has text after the object")
	}
	return nil
}
