package httpapi

import (
	"net/url"
	"strings"
)

// asks reports whether a query has a parameter that needs no value. The values false, 0 and no, in any case, count as
// absent.
func asks(v url.Values, name string) bool {
	switch strings.ToLower(v.Get(name)) {
	case "false", "0", "no":
		return false
	}
	return v.Has(name)
}
