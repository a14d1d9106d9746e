package aclapi

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// secretPrefix makes a secret recognisable where it should not be, such as in a repository.
const secretPrefix = "dkron_"

// tokenJSON is a token as clients read it.
type tokenJSON struct {
	Accessor  string          `json:"accessor"`
	Secret    string          `json:"secret,omitempty"` // only in the answer to its creation
	Name      string          `json:"name"`
	Type      dkron.TokenType `json:"type"`
	Policies  []string        `json:"policies"`
	CreatedAt *time.Time      `json:"created_at"`
	CreatedBy string          `json:"created_by"`
	ExpiresAt *time.Time      `json:"expires_at"`
}

func newTokenJSON(t *dkron.Token) tokenJSON {
	return tokenJSON{
		Accessor: t.Accessor, Name: t.Name, Type: t.Type, Policies: append([]string{}, t.Policies...),
		CreatedAt: respond.Nullable(t.CreatedAt), CreatedBy: t.CreatedBy, ExpiresAt: respond.Nullable(t.ExpiresAt),
	}
}

// newToken returns a token with a random accessor, and its secret, which is kept nowhere.
func newToken() (t dkron.Token, secret string) {
	secret = secretPrefix + random()
	id := make([]byte, 8)
	_, _ = rand.Read(id)
	return dkron.Token{Accessor: hex.EncodeToString(id), Hash: access.Hash(secret)}, secret
}

// random returns 256 random bits as text.
func random() string {
	bytes := make([]byte, 32)
	_, _ = rand.Read(bytes) // never fails
	return hex.EncodeToString(bytes)
}

// bootstrap makes the first token. Until there is one, nobody could ask for it with another.
func (a *api) bootstrap(w http.ResponseWriter, r *http.Request) error {
	t, secret := newToken()
	t.Name, t.Type = "bootstrap", dkron.ManagementToken
	again, used := a.again()
	ctx := access.With(r.Context(), a.Gate.Auth.Bootstrapper())
	if _, err := request.Do(ctx, a.Controller, &request.CreateToken{Token: t, First: true, Again: again}); err != nil {
		return err
	}
	used()
	return a.created(w, r, t.Accessor, secret)
}

// createToken makes a token from a body with name, type, policies, and expires_at or ttl.
func (a *api) createToken(w http.ResponseWriter, r *http.Request) error {
	body := struct {
		Name      string          `json:"name"`
		Type      dkron.TokenType `json:"type"`
		Policies  []string        `json:"policies"`
		ExpiresAt time.Time       `json:"expires_at"`
		TTL       string          `json:"ttl"`
	}{Type: dkron.ClientToken}
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	if err := in.Decode(&body); err != nil {
		return unreadable(err)
	}
	t, secret := newToken()
	t.Name, t.Type, t.Policies, t.ExpiresAt = body.Name, body.Type, body.Policies, body.ExpiresAt
	if body.TTL != "" {
		ttl, err := time.ParseDuration(body.TTL)
		if err != nil || ttl <= 0 || !body.ExpiresAt.IsZero() {
			return dkron.Invalid("ttl must be a duration such as 720h, and not beside expires_at; got %.64q", body.TTL)
		}
		t.ExpiresAt = a.Now().Add(ttl)
	}
	if t.Type == dkron.ClientToken && len(t.Policies) == 0 {
		t.Policies = []string{access.DefaultPolicy}
	}
	if missing, err := a.missing(t.Policies); err != nil || len(missing) > 0 {
		if err == nil {
			err = dkron.Invalid("policies has %.200q, which does not exist; see GET /v1/acl/policies", strings.Join(missing, ", "))
		}
		return err
	}
	if _, err := request.Do(r.Context(), a.Controller, &request.CreateToken{Token: t}); err != nil {
		return err
	}
	return a.created(w, r, t.Accessor, secret)
}

// created answers with a new token and its secret.
func (a *api) created(w http.ResponseWriter, r *http.Request, accessor, secret string) error {
	found, err := a.token(accessor)
	if err != nil {
		return err
	}
	out := newTokenJSON(found)
	out.Secret = secret
	return respond.JSON(w, r, http.StatusOK, out)
}

func (a *api) token(accessor string) (found *dkron.Token, err error) {
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, err = tx.Token(accessor)
		return err
	})
	return found, err
}

func (a *api) listTokens(w http.ResponseWriter, r *http.Request) error {
	list := []tokenJSON{}
	err := a.Store.View(func(tx *state.Tx) error {
		all, err := tx.Tokens()
		for _, t := range all {
			list = append(list, newTokenJSON(t))
		}
		return err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, list)
}

func (a *api) getToken(w http.ResponseWriter, r *http.Request) error {
	found, err := a.token(r.PathValue("accessor"))
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newTokenJSON(found))
}

func (a *api) deleteToken(w http.ResponseWriter, r *http.Request) error {
	if _, err := request.Do(r.Context(), a.Controller, &request.DeleteToken{Accessor: r.PathValue("accessor")}); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, struct{}{})
}

// self answers with the token that the request has. With ?may=VERB it refuses one that may not do that with all jobs.
func (a *api) self(w http.ResponseWriter, r *http.Request) error {
	i := access.Of(r.Context())
	if word := r.URL.Query().Get("may"); word != "" {
		verb := access.Verb(word)
		if verb == 0 {
			return dkron.Invalid("may must be read, stop, run, write or admin, not %.64q", word)
		}
		if !i.May(verb, "") {
			return i.Refuse(verb, "all jobs")
		}
	}
	return respond.JSON(w, r, http.StatusOK, newTokenJSON(&i.Token))
}
