package config_test

import "testing"

func TestAnUnclearPolicyOfANodeIsRefusedByName(t *testing.T) {
	for name, tc := range map[string]struct {
		in   input
		want []string
	}{
		"su is empty":         {file("yml", "shell-allow-su: []"), []string{"--shell-allow-su", "/etc/dkron/dkron.yml:1", "leave it out"}},
		"su is an empty flag": {args("--shell-allow-su="), []string{"--shell-allow-su", "leave it out"}},
		"su with a space":     {args("--shell-allow-su=backup disk"), []string{"--shell-allow-su", "user or user:group", `"backup disk"`}},
		"passed assignment":   {args("--pass-env=DKRON_REGION=eu"), []string{"--pass-env", "DKRON_REGION"}},
		"denied nothing":      {file("yml", "deny-addresses: []"), []string{"--deny-addresses (/etc/dkron/dkron.yml:1)", "write none to allow all", "leave it out"}},
		"denied name":         {args("--deny-addresses=10.0.0.0/8,metadata.example,10.1.1.1/8"), []string{"--deny-addresses: want an address", `"metadata.example"`, "--deny-addresses: want", "10.0.0.0/8 for all of these"}},
		"none and more":       {args("--deny-addresses=none", "--deny-addresses=link-local"), []string{"--deny-addresses", "write one or the other"}},
		"allowed word":        {args("--allow-addresses=link-local"), []string{"--allow-addresses", "169.254.169.0/24", `"link-local"`}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tc.in.load(t)
			wantError(t, err, tc.want...)
		})
	}
}
