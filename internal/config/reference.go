package config

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Doc writes the reference page of all settings, in Markdown.
func Doc(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# Settings\n\nEach setting can be given on the command line, in the environment or in the " +
		"configuration file, the first of these winning.\nThe file is the one of `--config`, else the first " +
		"`dkron.json`, `.toml`, `.yaml`, `.yml`, `.dotenv` or `.env` in `/etc/dkron`, `$HOME/.dkron` or `./config`.\n\n" +
		"A variable with an address such as `tcp://10.0.0.1:6868`, which Kubernetes sets for a service called `dkron-rpc`, is " +
		"ignored with a warning.\n")
	group := ""
	for i := range settings {
		s := &settings[i]
		if s.group != group {
			group = s.group
			fmt.Fprintf(&b, "\n## %s\n\n| File key | Flag | Environment | Type | Default | Meaning |\n"+
				"|---|---|---|---|---|---|\n", group)
		}
		flag := "—"
		if !s.fileOnly {
			flag = "`--" + s.flag() + "`"
		}
		def := "—"
		if s.def != "" && s.aliasOf == "" {
			def = "`" + s.def + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s | %s |\n",
			s.name, flag, s.env(), s.kind(), def, strings.ReplaceAll(s.fullHelp(), "|", "\\|"))
	}
	_, err := w.Write(b.Bytes())
	return err
}
