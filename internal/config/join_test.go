package config_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"dkron/internal/config"
)

func TestNodesToJoinAreNamedByTemplatesToo(t *testing.T) {
	const many = `{{ GetAllInterfaces | join "address" " " }} 127.0.0.1 127.0.0.2`
	for flag, c := range map[string]config.Config{
		"":             {},
		"--retry-join": {RetryJoin: []string{"host:1", "{{ Bad }}", many, `10.0.0.{{ printf "%d" 7 }}`}},
		"--join":       {Join: []string{"host:1", "{{ Bad }}", many, `10.0.0.{{ printf "%d" 7 }}`}},
	} {
		var said strings.Builder
		got := c.JoinAddrs(slog.New(slog.NewTextHandler(&said, nil)))
		if flag == "" {
			if c.Joins() || len(got) > 0 || said.Len() > 0 {
				t.Error(got, said.String())
			}
			continue
		}
		if !c.Joins() || !slices.Equal(got, []string{"host:1", "10.0.0.7"}) {
			t.Errorf("%s: %q", flag, got)
		}
		for _, want := range []string{"an entry of " + flag + " can't be resolved", "{{ Bad }}", "multiple addresses found"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("%s: %q is not in %s", flag, want, said.String())
			}
		}
	}
}
