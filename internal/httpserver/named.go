package httpserver

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a proxy says of a user.
const (
	maxUser  = 128 // bytes
	maxGroup = 256
)

// Named is whom a trusted proxy in front has named as the user of a request.
type Named struct {
	User   string
	Groups []string
	Header string // that has the user
	Err    error  // why it can't be accepted; then there is no user
}

type namedKey struct{}

// NamedOf returns whom a trusted proxy has named; nil if nobody was. A request that another node has relayed has none: who relays it
// could name anybody.
func NamedOf(ctx context.Context) *Named {
	n, _ := ctx.Value(namedKey{}).(*Named)
	return n
}

// naming is the canonical names of the headers in which trusted proxies name a user and the user's groups; "": no proxy does.
type naming struct{ user, groups string }

// Naming makes the guard believe what trusted proxies say in these headers of who the user is; see NamedOf. The guard takes both headers
// out of every request, so that no handler sees what anybody else has written there, and nothing passes it on. It returns the guard.
func (g *Guard) Naming(user, groups string) *Guard {
	g.naming = naming{http.CanonicalHeaderKey(user), http.CanonicalHeaderKey(groups)}
	return g
}

// take removes the headers, and returns the request with whom they name, if the proxy may do so. One that names nobody, as
// for a page that needs no sign-in, is like one without.
func (n naming) take(r *http.Request, trusted bool) *http.Request {
	if n.user == "" {
		return r
	}
	users, groups := r.Header[n.user], r.Header[n.groups]
	delete(r.Header, n.user)
	delete(r.Header, n.groups)
	if !trusted || len(users) == 0 || len(users) == 1 && users[0] == "" {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), namedKey{}, n.read(users, groups)))
}

// read returns whom the headers name. A header that occurs twice is refused: the proxy has added its own to what the client sent, and
// which is which nobody knows. So is a name that could be taken for another one by people: to clean it could make it another's.
func (n naming) read(users, groups []string) *Named {
	bad := func(format string, args ...any) *Named {
		return &Named{Header: n.user, Err: fmt.Errorf(format, args...)}
	}
	const twice = "the header %s came %d times; the proxy in front must replace what clients send, and not add to it"
	switch {
	case len(users) > 1:
		return bad(twice, n.user, len(users))
	case len(groups) > 1:
		return bad(twice, n.groups, len(groups))
	}
	if why := unfit(users[0], maxUser); why != "" {
		return bad("the header %s must have the name of a user: %s", n.user, why)
	}
	named := &Named{User: users[0], Header: n.user}
	for _, g := range strings.Split(strings.Join(groups, ""), ",") {
		if g = strings.TrimSpace(g); g == "" {
			continue
		}
		if why := unfit(g, maxGroup); why != "" {
			return bad("the header %s must have names of groups, separated by commas: %s", n.groups, why)
		}
		named.Groups = append(named.Groups, g)
	}
	return named
}

// unfit returns what is wrong with a name.
func unfit(name string, most int) string {
	switch {
	case len(name) > most:
		return fmt.Sprintf("one has %d bytes, and %d are allowed", len(name), most)
	case !utf8.ValidString(name):
		return "one is not UTF-8"
	case strings.TrimSpace(name) != name, strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return "one has characters that can't be seen"
	}
	return ""
}
