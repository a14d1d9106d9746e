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
		"executors are empty": {file("yml", "allow-executors: []"), []string{"--allow-executors", "/etc/dkron/dkron.yml:1", "leave it out"}},
		"executors in one":    {args("--allow-executors=shell http"), []string{"--allow-executors", "such as shell", `"shell http"`}},
		"command is a name":   {args("--shell-allow-commands=/bin/ls,backup"), []string{"--shell-allow-commands: want an absolute path", `not "backup"`}},
		"command is a part":   {args("--shell-allow-commands=/opt/jobs/"), []string{"--shell-allow-commands", `"/opt/jobs/"`}},
		"command leads up":    {args("--shell-allow-commands=/opt/../bin/sh"), []string{"--shell-allow-commands", `"/opt/../bin/sh"`}},
		"command no pattern":  {args("--shell-allow-commands=/opt/[a"), []string{"--shell-allow-commands", `"/opt/[a"`}},
		"commands are empty":  {args("--shell-allow-commands="), []string{"--shell-allow-commands", "leave it out"}},
		"directory is a name": {args("--shell-allow-dirs=jobs"), []string{"--shell-allow-dirs: want an absolute path", `"jobs"`}},
		"directories empty":   {args("--shell-allow-dirs="), []string{"--shell-allow-dirs", "leave it out"}},
		"variable with value": {args("--shell-allow-env=STAGE=prod"), []string{"--shell-allow-env", "such as STAGE", `"STAGE=prod"`}},
		"variables are empty": {args("--shell-allow-env="), []string{"--shell-allow-env", "leave it out"}},
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
