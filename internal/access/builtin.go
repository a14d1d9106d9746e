package access

import (
	"maps"
	"slices"
)

// DefaultPolicy is the policy of client tokens that name none, as in v4 Pro. One of that name that is stored replaces it.
const DefaultPolicy = "default"

// builtin is the policies that every cluster has. Except for the default they can't be replaced.
var builtin = map[string]string{
	"viewer":   `{"rules":[{"verbs":["read"]}]}`,
	"operator": `{"rules":[{"verbs":["run"]}]}`,
	"editor":   `{"rules":[{"verbs":["write"]}]}`,
	"admin":    `{"rules":[{"verbs":["admin"]}]}`,
	DefaultPolicy: `{"path":{"/v1/members":{"capabilities":["read"]},"/v1/jobs":{"capabilities":["list","read","create","update","delete"]},` +
		`"/v1/jobs/*":{"capabilities":["create","read","update","delete"]},"/v1/jobs/*/run":{"capabilities":["create"]},` +
		`"/v1/jobs/*/toggle":{"capabilities":["create"]},"/v1/jobs/*/executions*":{"capabilities":["read"]},` +
		`"/v1/jobs/*/executions/*":{"capabilities":["read"]},"/v1/leader":{"capabilities":["read"]},"/v1/isleader":{"capabilities":["read"]},` +
		`"/v1/busy":{"capabilities":["read"]},"/v1/leave":{"capabilities":["create"]},"/v1/restore":{"capabilities":["create"]}}}`,
}

// Builtin returns the rules of a policy that every cluster has, and whether there is one of that name.
func Builtin(name string) (rules string, ok bool) {
	rules, ok = builtin[name]
	return rules, ok
}

// BuiltinNames returns the names of those policies, ordered.
func BuiltinNames() []string { return slices.Sorted(maps.Keys(builtin)) }
