package aclapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

func notFound(err error) bool { return errors.Is(err, dkron.ErrNotFound) }

// policyJSON is a policy as clients read it. The first two keys are those of v4 Pro.
type policyJSON struct {
	Name      string     `json:"Name"`
	Rules     string     `json:"Rules"`
	BuiltIn   bool       `json:"built_in"`
	UpdatedAt *time.Time `json:"updated_at"`
	UpdatedBy string     `json:"updated_by"`
}

func newPolicyJSON(p *dkron.Policy) policyJSON {
	return policyJSON{Name: p.Name, Rules: p.Rules, UpdatedAt: respond.Nullable(p.UpdatedAt), UpdatedBy: p.UpdatedBy}
}

func (a *api) listPolicies(w http.ResponseWriter, r *http.Request) error {
	list, stored := []policyJSON{}, make(map[string]bool)
	err := a.Store.View(func(tx *state.Tx) error {
		all, err := tx.Policies()
		for _, p := range all {
			stored[p.Name] = true
			list = append(list, newPolicyJSON(p))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range access.BuiltinNames() {
		if rules, _ := access.Builtin(name); !stored[name] {
			list = append(list, policyJSON{Name: name, Rules: rules, BuiltIn: true})
		}
	}
	return respond.JSON(w, r, http.StatusOK, list)
}

func (a *api) getPolicy(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	var found policyJSON
	err := a.Store.View(func(tx *state.Tx) error {
		p, err := tx.Policy(name)
		if rules, ok := access.Builtin(name); ok && notFound(err) {
			found = policyJSON{Name: name, Rules: rules, BuiltIn: true}
			return nil
		}
		if err == nil {
			found = newPolicyJSON(p)
		}
		return err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, found)
}

// setPolicy takes the rules, or an object that has them in Rules, as an object or as text.
func (a *api) setPolicy(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return unreadable(err)
	}
	rules, err := rulesOf(body, name)
	if err != nil {
		return err
	}
	if _, err := access.Parse(rules); err != nil {
		return err
	}
	if _, ok := access.Builtin(name); ok && name != access.DefaultPolicy {
		return dkron.Conflict("policy %s is built in and can't be replaced; choose another name", name)
	}
	if _, err := request.Do(r.Context(), a.Controller, &request.SetPolicy{Policy: dkron.Policy{Name: name, Rules: rules}}); err != nil {
		return err
	}
	return a.getPolicy(w, r)
}

// rulesOf returns the rules in a body.
func rulesOf(body []byte, name string) (string, error) {
	keys := make(map[string]json.RawMessage)
	if err := json.Unmarshal(body, &keys); err != nil {
		return "", unreadable(err)
	}
	if _, own := keys["rules"]; own || keys["Rules"] == nil {
		return strings.TrimSpace(string(body)), nil
	}
	named := ""
	if raw := keys["Name"]; raw != nil && (json.Unmarshal(raw, &named) != nil || named != name && named != "") {
		return "", dkron.Invalid("Name differs from %q in the path", respond.Shorten(name))
	}
	for key := range keys {
		if key != "Name" && key != "Rules" {
			return "", dkron.Invalid("%s is unknown beside Name and Rules", fmt.Sprintf("%.64q", key))
		}
	}
	text := ""
	if json.Unmarshal(keys["Rules"], &text) == nil {
		return text, nil
	}
	return string(keys["Rules"]), nil
}

func (a *api) deletePolicy(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	_, err := request.Do(r.Context(), a.Controller, &request.DeletePolicy{Policy: name})
	if _, ok := access.Builtin(name); ok && notFound(err) {
		return dkron.Conflict("policy %s is built in and can't be deleted", name)
	}
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, struct{}{})
}
