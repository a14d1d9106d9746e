package config

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

var dotenvLine = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$`)

// parseDotenv reads lines of KEY=value. A key may be written as the file key or as the environment name, with or
// without DKRON_. Values may be quoted; in double quotes Go's escapes apply. Nothing is expanded.
func parseDotenv(data []byte) (value, error) {
	v := value{shape: isTable}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		m := dotenvLine.FindStringSubmatch(line)
		if m == nil {
			return v, &lineError{n, errors.New("want KEY=value")}
		}
		text, err := dotenvText(m[2])
		if err != nil {
			return v, &lineError{n, err}
		}
		item := value{text: text, line: n}
		if text == "" {
			item.shape = isNothing
		}
		v.pairs = append(v.pairs, pair{dotenvKey(m[1]), item})
	}
	return v, nil
}

// dotenvKey is the setting's name for a key, or the key itself.
func dotenvKey(key string) string {
	env := envName(key)
	short := strings.TrimPrefix(env, "DKRON_DKRON_") // the key had the prefix already
	for i := range settings {
		if e := settings[i].env(); e == env || e == "DKRON_"+short {
			return settings[i].name
		}
	}
	return key
}

func dotenvText(raw string) (string, error) {
	if raw == "" || raw[0] != '"' && raw[0] != '\'' {
		if i := strings.Index(raw, " #"); i >= 0 {
			raw = raw[:i]
		}
		return strings.TrimSpace(raw), nil
	}
	var end int
	if raw[0] == '"' {
		end = quoted(raw)
	} else {
		end = enclosed(raw, "'", "'")
	}
	rest := strings.TrimSpace(raw[end:])
	if end < 2 || rest != "" && rest[0] != '#' {
		return "", errors.New("the quote is not closed at the end of the value")
	}
	if raw[0] == '\'' {
		return raw[1 : end-1], nil
	}
	text, err := strconv.Unquote(raw[:end])
	if err != nil {
		return "", errors.New("bad escape in double quotes; use single quotes to take the value as it is")
	}
	return text, nil
}
