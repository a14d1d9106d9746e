package httpcall

import (
	"net/url"

	"dkron/plugin/keys"
)

// redact returns a copy of a configuration that is safe to show.
func redact(m map[string]string) map[string]string {
	shown := keys.Redact(m, schema())
	for _, key := range []string{"url", "proxy"} {
		if text, ok := m[key]; ok {
			shown[key] = redactURL(text)
		}
	}
	return shown
}

func redactURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return keys.Redacted
	}
	if u.User != nil {
		u.User = url.User("redacted")
	}
	u.RawQuery = keys.RedactPairs(u.RawQuery, "redacted")
	return u.String()
}
