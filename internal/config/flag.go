package config

import (
	"strings"

	"github.com/spf13/pflag"
)

const configFlag = "config"

// AddFlags defines --config and a flag for each setting of the table. Load reads them from the same set.
func AddFlags(fs *pflag.FlagSet) {
	fs.String(configFlag, "", "Configuration file. Default: the first dkron.{json,toml,yaml,yml,env} in "+
		"/etc/dkron, $HOME/.dkron or ./config")
	for i := range settings {
		s := &settings[i]
		if s.fileOnly {
			continue
		}
		f := fs.VarPF(&flagValue{setting: s}, s.flag(), "", strings.ReplaceAll(s.fullHelp(), "`", "'"))
		if s.kind() == "bool" {
			f.NoOptDefVal = "true"
		}
	}
}

// flagValue keeps what was given on the command line until Load; Set only checks that it can be read.
type flagValue struct {
	setting *setting
	given   []string
}

func (f *flagValue) Set(text string) error {
	if err := f.setting.assign(&Config{}, plain(text)); err != nil {
		return err
	}
	f.given = append(f.given, text)
	return nil
}

func (f *flagValue) Type() string { return f.setting.kind() }

func (f *flagValue) String() string {
	switch {
	case f.setting == nil: // pflag's zero value
		return ""
	case len(f.given) > 0:
		return strings.Join(f.given, ",")
	case f.setting.aliasOf != "":
		return ""
	}
	return f.setting.def
}

// value is the last occurrence, or for a list the elements of all.
func (f *flagValue) value() value {
	if f.setting.kind() != "list" {
		return plain(f.given[len(f.given)-1])
	}
	v := value{shape: isList}
	for _, given := range f.given {
		elements := f.setting.splitText(given)
		if f.setting.name == "tag" { // the shell has done the splitting at white space
			elements = splitPlain(given)
		}
		for _, e := range elements {
			v.items = append(v.items, plain(e))
		}
	}
	return v
}
