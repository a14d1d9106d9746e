// Package suggest lists what jobs have in a field, for forms that suggest what is in use.
package suggest

import (
	"slices"
	"strings"

	"dkron/internal/index"
)

// Limits of a list.
const (
	most       = 50
	mostOwners = 200 // whose e-mail addresses are read
)

// List is values that jobs have, the most frequent first.
type List struct {
	Values    []Value `json:"values"`
	Truncated bool    `json:"truncated"` // there are more
}

// Value is a value of a field.
type Value struct {
	Value string `json:"value"`
	Count int    `json:"count"` // jobs that have it; of an e-mail address, jobs of its owner
}

// Fields describes the fields that Of knows.
const Fields = "owner, owner_email, metadata, or metadata.KEY"

// Of returns the most frequent values of a field that contain a text, in any case; nil if it does not know the field. The
// index has no e-mail addresses: emailOf returns a job's, and is called for one job of each of the most frequent owners.
func Of(x *index.Index, field, text string, emailOf func(job string) (string, error)) (*List, error) {
	key, ofMetadata := strings.CutPrefix(field, "metadata.")
	switch {
	case field == "owner":
		return newList(x.Values(index.Owners, text, most)), nil
	case field == "owner_email":
		return emails(x, strings.ToLower(text), emailOf)
	case field == "metadata":
		return newList(x.Values(index.MetadataKeys, text, most)), nil
	case ofMetadata && key != "":
		return newList(x.Values(index.MetadataValues(key), text, most)), nil
	}
	return nil, nil
}

func newList(found []index.Value, more bool) *List {
	out := &List{Values: []Value{}, Truncated: more}
	for _, v := range found {
		out.Values = append(out.Values, Value{v.Value, v.Count})
	}
	return out
}

func emails(x *index.Index, text string, emailOf func(job string) (string, error)) (*List, error) {
	owners, more := x.Values(index.Owners, "", mostOwners)
	var found []index.Value
	for _, owner := range owners {
		email, err := emailOf(owner.Job)
		if err != nil {
			return nil, err
		}
		known := slices.ContainsFunc(found, func(v index.Value) bool { return v.Value == email })
		if email != "" && !known && strings.Contains(strings.ToLower(email), text) {
			found = append(found, index.Value{Value: email, Count: owner.Count})
		}
	}
	return newList(found[:min(len(found), most)], more || len(found) > most), nil
}
