package config

import (
	"fmt"
	"strings"

	"dkron/internal/near"
)

// suggest is the end of a warning about an unknown key.
func suggest(key string) string {
	if s := nearest(key); s != nil {
		return fmt.Sprintf("; did you mean %q?", s.name)
	}
	return ""
}

// nearest is the setting whose name is most similar to the key, nil if none is similar.
func nearest(key string) *setting {
	key = strings.ToLower(strings.ReplaceAll(key, "_", "-"))
	best, limit := (*setting)(nil), max(2, len(key)/4)+1
	for i := range settings {
		s := &settings[i]
		if d := near.Distance(key, s.name); d < limit && d < len(s.name)/2 && s.aliasOf == "" {
			best, limit = s, d
		}
	}
	return best
}
