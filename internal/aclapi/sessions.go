package aclapi

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// signedInJSON is a session as those see it who manage access.
type signedInJSON struct {
	ID        string          `json:"id"`
	How       dkron.Proof     `json:"how"`
	Name      string          `json:"name"`
	Accessor  string          `json:"accessor,omitempty"` // of its token
	Issuer    string          `json:"issuer,omitempty"`   // of a person, as the next
	Subject   string          `json:"subject,omitempty"`
	Type      dkron.TokenType `json:"type"`
	Policies  []string        `json:"policies"`
	BeganAt   *time.Time      `json:"began_at"`
	ExpiresAt time.Time       `json:"expires_at"`

	end *request.EndSession
}

// listSessions answers with all sessions that are not over, those that began last first.
func (a *api) listSessions(w http.ResponseWriter, r *http.Request) error {
	list, err := a.signedIn()
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, list)
}

// signedIn returns all sessions that are not over.
func (a *api) signedIn() ([]signedInJSON, error) {
	list, now := []signedInJSON{}, a.Now()
	add := func(s *dkron.Session, one signedInJSON) {
		if s.Expired(now) {
			return
		}
		one.ID, one.ExpiresAt, one.BeganAt = s.ID(), respond.UTC(s.ExpiresAt), respond.Nullable(s.BeganAt)
		one.Policies = append([]string{}, one.Policies...)
		one.end.Hash = s.Hash
		list = append(list, one)
	}
	err := a.Store.View(func(tx *state.Tx) error {
		tokens, err := tx.Tokens()
		if err != nil {
			return err
		}
		for _, t := range tokens {
			for _, s := range t.Sessions {
				add(&s, signedInJSON{
					How: dkron.ProofToken, Name: t.Name, Accessor: t.Accessor, Type: t.Type, Policies: t.Policies,
					end: &request.EndSession{Accessor: t.Accessor},
				})
			}
		}
		persons, err := tx.PersonSessions()
		for _, s := range persons {
			p := s.Person
			add(s, signedInJSON{
				How: dkron.ProofOpenID, Name: p.Name, Issuer: p.Issuer, Subject: p.Subject, Type: p.Type, Policies: p.Policies,
				end: &request.EndSession{Person: p},
			})
		}
		return err
	})
	slices.SortStableFunc(list, func(a, b signedInJSON) int { return b.began().Compare(a.began()) })
	return list, err
}

func (s *signedInJSON) began() time.Time {
	if s.BeganAt == nil {
		return time.Time{}
	}
	return *s.BeganAt
}

// endSession ends a session by its id. With ?all=true it ends all of the same token or person.
func (a *api) endSession(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("session")
	list, err := a.signedIn()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(s signedInJSON) bool { return s.ID == id })
	if i < 0 {
		return fmt.Errorf("session %s: %w", respond.Shorten(id), dkron.ErrNotFound)
	}
	end := list[i].end
	if everywhere(r) {
		end.Hash = nil
	}
	if _, err := request.Do(r.Context(), a.Controller, end); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, struct{}{})
}
