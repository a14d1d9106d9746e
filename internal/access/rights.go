package access

import (
	"net/url"
	"slices"
	"strings"

	"dkron/internal/request"
)

// Job is what rules look at. Of a job that does not exist, or no longer, only the name is known.
type Job struct {
	Name  string
	Owner string
	Has   func(key, value string) bool // whether its metadata has this; nil: nothing is known of it
}

// Rights is what the policies of a client allow together.
type Rights struct {
	rules []Rule
	paths map[string][]string // methods by pattern
}

// add adds what a policy allows.
func (r *Rights) add(d *Document) {
	r.rules = append(r.rules, d.Rules...)
	for pattern, c := range d.Paths {
		if r.paths == nil {
			r.paths = make(map[string][]string)
		}
		for _, word := range c.Capabilities {
			r.paths[pattern] = append(r.paths[pattern], capabilities[word]...)
		}
	}
}

// May reports whether a verb is allowed with a job. A nil job means all jobs and everything that does not belong to a job.
func (r *Rights) May(verb request.Touch, job *Job) bool {
	return slices.ContainsFunc(r.rules, func(rule Rule) bool { return rule.level() >= verb && rule.covers(job) })
}

// Some reports whether a verb is allowed with any job at all.
func (r *Rights) Some(verb request.Touch) bool {
	return slices.ContainsFunc(r.rules, func(rule Rule) bool { return rule.level() >= verb })
}

// covers reports whether the rule is for a job.
func (r *Rule) covers(job *Job) bool {
	if job == nil || !r.scoped() {
		return !r.scoped()
	}
	for key, value := range r.Metadata {
		if job.Has == nil || !job.Has(key, value) {
			return false
		}
	}
	return strings.HasPrefix(job.Name, r.Prefix) && (r.Owner == "" || job.Owner == r.Owner)
}

// Path reports whether a method is allowed with an escaped path by the rules that v4 Pro has.
func (r *Rights) Path(method, path string) bool {
	if method == "HEAD" {
		method = "GET"
	}
	for pattern, methods := range r.paths {
		if slices.Contains(methods, method) && match(pattern, path) {
			return true
		}
	}
	return false
}

// examples is an endpoint for each verb, to say what path rules are for. {job} is any job.
var examples = map[request.Touch][]struct{ method, path string }{
	request.Read:  {{"GET", "/v1/jobs"}},
	request.Halt:  {{"POST", "/v1/jobs/{job}/stop"}},
	request.Run:   {{"POST", "/v1/jobs/{job}/run"}},
	request.Write: {{"POST", "/v1/jobs"}, {"PUT", "/v1/jobs/{job}"}, {"DELETE", "/v1/jobs/{job}"}},
	request.Admin: {{"POST", "/v1/pause"}},
}

// pathFor reports whether path rules allow what a verb is for, with any job at all.
func (r *Rights) pathFor(verb request.Touch) bool {
	for _, example := range examples[verb] {
		for pattern, methods := range r.paths {
			if slices.Contains(methods, example.method) && couldMatch(pattern, example.path) {
				return true
			}
		}
	}
	return false
}

// couldMatch reports whether a pattern matches a path of the API with some job.
func couldMatch(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, segment := range want {
		if segment == "**" {
			return len(have) > i
		}
		if i >= len(have) || have[i] != "{job}" && !matchSegment(segment, have[i]) {
			return false
		}
	}
	return len(have) == len(want)
}

// match reports whether a pattern matches an escaped path: * matches any text within one segment, and a segment ** matches
// all that follow.
func match(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, segment := range want {
		if segment == "**" {
			return len(have) > i
		}
		if i >= len(have) {
			return false
		}
		text, err := url.PathUnescape(have[i])
		if err != nil || !matchSegment(segment, text) {
			return false
		}
	}
	return len(have) == len(want)
}

// matchSegment takes each part between two stars where it is found first: more is never needed, and clients choose the text.
func matchSegment(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	for _, part := range parts[1:last] {
		if !ok {
			return false
		}
		_, text, ok = strings.Cut(text, part)
	}
	return ok && strings.HasSuffix(text, parts[last])
}
