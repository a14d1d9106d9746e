package pluginhost

import (
	"slices"
	"strings"
)

// environ returns what a plugin inherits of the agent's environment. What is for the agent alone stays with it: its settings, among
// which are passwords and keys, and what this library would take for a word of its host.
func environ(all, pass []string) (own []string) {
	for _, entry := range all {
		name, _, _ := strings.Cut(entry, "=")
		if (strings.HasPrefix(name, "DKRON_") || strings.HasPrefix(name, "PLUGIN_")) && !slices.Contains(pass, name) {
			continue
		}
		own = append(own, entry)
	}
	return own
}
