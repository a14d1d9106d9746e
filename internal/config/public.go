package config

import (
	"net/url"
	"regexp"
	"strings"
)

const masked = "****"

// Public returns every setting by name, with secrets masked, for logs and debugging. Durations are texts.
func (c *Config) Public() map[string]any {
	public := map[string]any{}
	for i := range settings {
		if s := &settings[i]; s.aliasOf == "" && s.name != "tag" {
			public[s.name] = s.show(c)
		}
	}
	return public
}

func maskAll(v string) string {
	if v == "" {
		return ""
	}
	return masked
}

// maskHeader keeps the header's name.
func maskHeader(v string) string {
	if name, _, ok := strings.Cut(v, ":"); ok {
		return name + ": " + masked
	}
	return maskAll(v)
}

// maskURL keeps scheme and host: services such as Slack put the secret in the path.
func maskURL(v string) string {
	if u, err := url.Parse(v); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host + "/" + masked
	}
	return maskAll(v)
}

var providerSecret = regexp.MustCompile(
	`(?i)(\w*(?:secret|token|password|api_key|access_key)\w*"?\s*=\s*)("(?:[^"\\]|\\.)*"?|\S+)`)

// maskProvider hides the credentials in an entry of cloud discovery.
func maskProvider(v string) string {
	if !isProvider(v) {
		return v
	}
	return providerSecret.ReplaceAllString(v, "${1}"+masked)
}
