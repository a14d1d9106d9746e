package access

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/request"
)

// Document is the rules of a policy as they are written.
type Document struct {
	// Paths is the form of v4 Pro: what may be done with the paths of the API that match a pattern.
	Paths map[string]Capabilities `json:"path,omitempty"`
	Rules []Rule                  `json:"rules,omitempty"`
}

// Capabilities is what a policy allows with a path.
type Capabilities struct {
	Capabilities []string `json:"capabilities"`
}

// Rule allows verbs with the jobs that have everything that it names. One that names nothing is for all jobs, and for what
// is no job.
type Rule struct {
	Prefix   string            `json:"prefix,omitempty"` // of the job's name
	Owner    string            `json:"owner,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Verbs    []string          `json:"verbs"`
}

// capabilities is the words of a path, with the methods that each is for.
var capabilities = map[string][]string{
	"create": {"POST"},
	"read":   {"GET"},
	"list":   {"GET"},
	"update": {"PUT", "PATCH"},
	"delete": {"DELETE"},
}

// verbs is the words of a rule. Each allows those before it too.
var verbs = []request.Touch{request.Read, request.Halt, request.Run, request.Write, request.Admin}

// Parse reads the rules of a policy. Its errors name what is wrong and what would be right.
func Parse(rules string) (*Document, error) {
	d := new(Document)
	in := json.NewDecoder(bytes.NewReader([]byte(rules)))
	in.DisallowUnknownFields()
	if err := in.Decode(d); err != nil {
		return nil, dkron.Invalid(`rules must be a JSON object with "path" or "rules": %w`, err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, dkron.Invalid("rules must be one JSON object, with nothing after it")
	}
	for _, pattern := range slices.Sorted(maps.Keys(d.Paths)) {
		if !strings.HasPrefix(pattern, "/") {
			return nil, dkron.Invalid("path %.64q must begin with /", pattern)
		}
		for _, word := range d.Paths[pattern].Capabilities {
			if capabilities[word] == nil {
				return nil, dkron.Invalid("path %.64q has the capability %.64q; use create, read, update, delete or list", pattern, word)
			}
		}
	}
	for i := range d.Rules {
		if len(d.Rules[i].Verbs) == 0 {
			return nil, dkron.Invalid("rules[%d].verbs is missing; use read, stop, run, write or admin", i)
		}
		for _, word := range d.Rules[i].Verbs {
			if Verb(word) == 0 {
				return nil, dkron.Invalid("rules[%d].verbs has %.64q; use read, stop, run, write or admin", i, word)
			}
		}
		if d.Rules[i].scoped() && d.Rules[i].level() == request.Admin {
			return nil, dkron.Invalid("rules[%d].verbs has admin, which concerns all jobs; leave prefix, owner and metadata out, or use write", i)
		}
	}
	return d, nil
}

// Verb returns the verb with a name; 0 if there is none.
func Verb(word string) request.Touch {
	for _, v := range verbs {
		if v.String() == word {
			return v
		}
	}
	return 0
}

// scoped reports whether the rule is for some jobs only.
func (r *Rule) scoped() bool { return r.Prefix != "" || r.Owner != "" || len(r.Metadata) > 0 }

// level returns the highest of the rule's verbs.
func (r *Rule) level() (highest request.Touch) {
	for _, word := range r.Verbs {
		highest = max(highest, Verb(word))
	}
	return highest
}
