package httpapi

import (
	"net/url"
	"strings"
)

// asks reports whether a query has a parameter that counts by being there. The values false, 0 and no, in any case, are
// the same as leaving it out.
func asks(v url.Values, name string) bool {
	switch strings.ToLower(v.Get(name)) {
	case "false", "0", "no":
		return false
	}
	return v.Has(name)
}
