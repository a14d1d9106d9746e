package httpcall

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"strings"
)

const redacted = "[redacted]"

var (
	secretName = regexp.MustCompile(`(?i)auth|passw|pwd|secret|token|key|cookie|credential|signature|session`)
	// secretPair finds name=value and "name": value in text of any form.
	secretPair = regexp.MustCompile(`(?i)([\w.-]*(?:auth|passw|pwd|secret|token|key|cookie|credential|signature|session)` +
		`[\w.-]*\\*["']?\s*[:=]\s*)(\\*"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s&,;}"']+)`)
)

// redact returns a copy of a configuration that is safe to show: what looks like a secret is replaced, rather too much
// than too little.
func redact(m map[string]string) map[string]string {
	shown := maps.Clone(m)
	for key, value := range shown {
		switch key {
		case "tlsCertificateFile", "tlsCertificateKeyFile", "tlsRootCAsFile": // paths
		case "headers":
			shown[key] = redactHeaders(value)
		case "url", "proxy":
			shown[key] = redactURL(value)
		default:
			if secretName.MatchString(key) {
				value = redacted
			}
			shown[key] = secretPair.ReplaceAllString(value, "${1}"+redacted)
		}
	}
	return shown
}

func redactHeaders(text string) string {
	var lines []string
	if text == "" {
		return text
	}
	if json.Unmarshal([]byte(text), &lines) != nil {
		return redacted
	}
	for i, line := range lines {
		name, _, ok := strings.Cut(line, ":")
		switch {
		case !ok:
			lines[i] = redacted
		case secretName.MatchString(name):
			lines[i] = name + ": " + redacted
		}
	}
	shown, err := json.Marshal(lines)
	if err != nil {
		return redacted
	}
	return string(shown)
}

func redactURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return redacted
	}
	if u.User != nil {
		u.User = url.User("redacted")
	}
	u.RawQuery = secretPair.ReplaceAllString(u.RawQuery, "${1}redacted")
	return u.String()
}
