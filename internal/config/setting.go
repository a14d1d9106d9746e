package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// status says what happens with a setting that was given.
type status int

const (
	works   status = iota
	ignored        // accepted for ever, without effect
)

// setting is one row of the table. Its kind is that of the field: text, bool, int, duration, list or map.
type setting struct {
	name     string // of the flag and of the file key
	group    string
	def      string // as one would write it
	help     string
	status   status
	fileOnly bool                // no flag
	aliasOf  string              // another name of that setting, deprecated
	split    splitter            // lists only; nil means plain
	mask     func(string) string // hides what is secret in a value; nil if nothing is
	fileOf   string              // the setting whose value is in the file that this one names
	field    func(*Config) any   // pointer to the field
}

func (s *setting) env() string { return envName(s.name) }

// flag is the name of the setting's flag, unless it has none.
func (s *setting) flag() string { return strings.ReplaceAll(s.name, ".", "-") }

func envName(name string) string {
	return "DKRON_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// kind is the name of the setting's kind, for help and reference.
func (s *setting) kind() string {
	switch s.field(&Config{}).(type) {
	case *bool:
		return "bool"
	case *int:
		return "int"
	case *time.Duration:
		return "duration"
	case *[]string:
		return "list"
	case *map[string]string:
		return "map"
	}
	return "string"
}

func (s *setting) note() string {
	switch {
	case s.aliasOf != "":
		return "deprecated, use " + s.aliasOf
	case s.status == ignored:
		return "accepted, without effect"
	}
	return ""
}

// fullHelp is the help with the note, if there is one.
func (s *setting) fullHelp() string {
	if n := s.note(); n != "" {
		return s.help + " (" + n + ")"
	}
	return s.help
}

// find looks a setting up by its name, in any case.
func find(name string) *setting {
	for i := range settings {
		if strings.EqualFold(settings[i].name, name) {
			return &settings[i]
		}
	}
	return nil
}

// assign stores the value in the setting's field. Its errors say what would be right but omit the value: it may be a
// secret.
func (s *setting) assign(c *Config, v value) error {
	switch p := s.field(c).(type) {
	case *[]string:
		list, err := s.list(v)
		if err == nil {
			*p = list
		}
		return err
	case *map[string]string:
		m, err := stringMap(v)
		if err == nil {
			*p = m
		}
		return err
	case *string:
		if err := v.mustBeText("one string"); err != nil {
			return err
		}
		*p = v.text
	case *bool:
		b, err := strconv.ParseBool(strings.TrimSpace(v.text))
		if v.shape != isText || err != nil {
			return errors.New("want true or false")
		}
		*p = b
	case *int:
		return assignInt(p, v)
	case *time.Duration:
		d, err := time.ParseDuration(strings.TrimSpace(v.text))
		if v.shape != isText || err != nil {
			return errors.New("want a duration with its unit, such as 30s or 1h30m")
		}
		*p = d
	default:
		panic(fmt.Sprintf("config: %s has a field of type %T", s.name, p))
	}
	return nil
}

func assignInt(p *int, v value) error {
	n, err := strconv.Atoi(strings.TrimSpace(v.text))
	if v.shape != isText || err != nil {
		return errors.New("want a whole number")
	}
	*p = n
	return nil
}

// list returns a list as it is and splits a single text by the rules of this setting.
func (s *setting) list(v value) ([]string, error) {
	switch v.shape {
	case isText:
		return s.splitText(v.text), nil
	case isTable:
		if s.name == "tag" {
			return nil, errors.New("want a list of key=value; for a map use the key tags")
		}
		return nil, errors.New("want a list of strings")
	}
	var list []string
	for _, item := range v.items {
		if err := item.mustBeText("a list of strings"); err != nil {
			return nil, err
		}
		if t := strings.TrimSpace(item.text); t != "" {
			list = append(list, t)
		}
	}
	return list, nil
}

func (s *setting) splitText(text string) []string {
	if s.split == nil {
		return splitPlain(text)
	}
	return s.split(text)
}

// stringMap reads a map, or a text that is a JSON object.
func stringMap(v value) (map[string]string, error) {
	want := errors.New("want a map of strings; for a list of key=value use the key tag")
	if v.shape == isText {
		want = errors.New(`want a JSON object such as {"role":"web"}`)
		if !json.Valid([]byte(v.text)) {
			return nil, want
		}
		parsed, err := parseJSON([]byte(v.text))
		if err != nil {
			return nil, want
		}
		v = parsed
	}
	if v.shape != isTable {
		return nil, want
	}
	m := map[string]string{}
	for _, p := range v.pairs {
		if p.val.shape != isText {
			return nil, want
		}
		m[p.key] = p.val.text
	}
	return m, nil
}

// show is the setting's value with its secrets masked.
func (s *setting) show(c *Config) any {
	mask := s.mask
	if mask == nil {
		mask = func(v string) string { return v }
	}
	switch p := s.field(c).(type) {
	case *string:
		return mask(*p)
	case *[]string:
		shown := make([]string, 0, len(*p))
		for _, v := range *p {
			shown = append(shown, mask(v))
		}
		return shown
	case *map[string]string:
		return maps.Clone(*p)
	case *bool:
		return *p
	case *int:
		return *p
	case *time.Duration:
		return p.String()
	}
	return nil
}
