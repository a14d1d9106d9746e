package keys

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"

	"dkron/plugin"
)

// Redacted takes the place of a secret.
const Redacted = "[redacted]"

var (
	secretName = regexp.MustCompile(`(?i)auth|passw|pwd|secret|token|key|cookie|credential|signature|session`)
	// secretPair finds name=value and "name": value in text of any form.
	secretPair = regexp.MustCompile(`(?i)([\w.-]*(?:auth|passw|pwd|secret|token|key|cookie|credential|signature|session)` +
		`[\w.-]*\\*["']?\s*[:=]\s*)(\\*"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s&,;}"']+)`)
	// userInfo finds who an address is for. A password may have any sign but those that end it.
	userInfo = regexp.MustCompile(`([\w+.-]+://)[^,\s]*@`)
)

// Redact returns a copy of a configuration that is safe to show: what the schema calls a secret, and what looks like one,
// is replaced, rather too much than too little.
func Redact(values map[string]string, s plugin.Schema) map[string]string {
	secret := make(map[string]bool)
	for _, p := range s.Properties {
		secret[p.Name] = p.Format == plugin.Password
	}
	shown := maps.Clone(values)
	for key, value := range shown {
		known, described := secret[key]
		switch {
		case known || !described && secretName.MatchString(key):
			shown[key] = Redacted
		case key == "headers":
			shown[key] = redactHeaders(value)
		default:
			shown[key] = RedactText(value)
		}
	}
	return shown
}

// RedactText replaces what looks like a secret within a text: user and password of an address, and name=value.
func RedactText(text string) string {
	text = userInfo.ReplaceAllString(text, "${1}redacted@")
	return RedactPairs(text, Redacted)
}

// RedactPairs replaces the values of name=value and "name": value whose names are those of secrets.
func RedactPairs(text, by string) string { return secretPair.ReplaceAllString(text, "${1}"+by) }

func redactHeaders(text string) string {
	var lines []string
	if text == "" {
		return text
	}
	if json.Unmarshal([]byte(text), &lines) != nil {
		return Redacted
	}
	for i, line := range lines {
		name, _, ok := strings.Cut(line, ":")
		switch {
		case !ok:
			lines[i] = Redacted
		case secretName.MatchString(name):
			lines[i] = name + ": " + Redacted
		}
	}
	shown, err := json.Marshal(lines)
	if err != nil {
		return Redacted
	}
	return string(shown)
}
