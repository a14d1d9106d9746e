package contract

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// statuses is every route of the contract with the statuses that tests must produce. Where the reference's status is a
// quirk, it is the sensible one.
var statuses = []struct {
	method, route string
	statuses      string
}{
	{"GET", "/", "303 404"},
	{"GET", "/health", "200"},
	{"GET", "/metrics", "200 404"},
	{"GET", "/debug/vars", "200"},
	{"GET", "/v1", "200"},
	{"GET", "/v1/", "200"},
	{"GET", "/v1/members", "200"},
	{"GET", "/v1/leader", "200 503"},   // 503: Q2
	{"GET", "/v1/isleader", "200 404"}, //
	{"POST", "/v1/leave", "200"},       // 500 of a second call: there is no second call, Q36
	{"POST", "/v1/restore", "200 400"}, // 404 of a missing part: 400
	{"GET", "/v1/busy", "200"},         // 500: never, Q32
	{"GET", "/v1/pause", "200"},
	{"POST", "/v1/pause", "200"},
	{"POST", "/v1/unpause", "200"},
	{"GET", "/v1/stats", "200"},
	{"GET", "/v1/jobs", "200 400"},              // 400: Q10, Q11
	{"POST", "/v1/jobs", "201 400 404 503"},     // 500 without a leader: 503, Q13
	{"PATCH", "/v1/jobs", "201 400 404 503"},    //
	{"PUT", "/v1/jobs/:job", "201 400 404 503"}, //
	{"GET", "/v1/jobs/:job", "200 404"},
	{"DELETE", "/v1/jobs/:job", "200 404 409 503"}, // 409: Q12
	{"POST", "/v1/jobs/:job", "200 404 503"},
	{"POST", "/v1/jobs/:job/run", "200 404 503"},
	{"POST", "/v1/jobs/:job/toggle", "200 404 503"}, // 422: Q13
	{"GET", "/v1/jobs/:job/executions", "200 404 400"},
	{"DELETE", "/v1/jobs/:job/executions", "200 404 503"}, // 404: Q4
	{"GET", "/v1/jobs/:job/executions/:id", "200 404"},
	{"GET", "/v1/acl/policies", "404"},
	{"POST", "/v1/acl/policies", "404"},
	{"DELETE", "/v1/acl/policies", "404"},
}

// elsewhere is the statuses of the contract that cannot be had from a healthy process, and where they are proved.
//
//	GET  /health 503          internal/httpapi: a plugin has died
//	GET  /v1/stats 500        internal/httpapi: the store fails
//	GET  /v1/jobs 500         internal/httpapi: the store fails
//	GET  .../executions 500   internal/httpapi: the store fails

// produced is every method, route and status that came back.
var produced sync.Map

var variables = []struct {
	pattern *regexp.Regexp
	route   string
}{
	{regexp.MustCompile(`^/v1/jobs/[^/]+$`), "/v1/jobs/:job"},
	{regexp.MustCompile(`^/v1/jobs/[^/]+/(run|toggle|executions)$`), "/v1/jobs/:job/$1"},
	{regexp.MustCompile(`^/v1/jobs/[^/]+/executions/[^/]+$`), "/v1/jobs/:job/executions/:id"},
}

// saw records a request's status.
func saw(method, path string, status int) {
	for _, v := range variables {
		if v.pattern.MatchString(path) {
			path = v.pattern.ReplaceAllString(path, v.route)
			break
		}
	}
	produced.Store(row(method, path, status), true)
}

func row(method, route string, status int) string {
	return fmt.Sprintf("status %s %s %d", method, route, status)
}

func statusRows() map[string]bool {
	rows := make(map[string]bool)
	for _, s := range statuses {
		for _, word := range strings.Fields(s.statuses) {
			status, err := strconv.Atoi(word)
			if err != nil {
				panic(err)
			}
			rows[row(s.method, s.route, status)] = true
		}
	}
	return rows
}

func missingStatuses() []string {
	var problems []string
	for r := range statusRows() {
		_, done := produced.Load(r)
		_, waits := pending[r]
		switch {
		case !done && !waits:
			problems = append(problems, "no test produced "+r)
		case done && waits:
			problems = append(problems, "is no longer pending: "+r)
		}
	}
	sort.Strings(problems)
	return problems
}
