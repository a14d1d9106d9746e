package config

import (
	"fmt"
	"regexp"
	"strings"
)

// fromEnv finds the settings among the variables, which are NAME=value as from os.Environ. An empty variable counts as
// unset.
func fromEnv(env []string) (map[string]given, []string) {
	byName := map[string]*setting{}
	for i := range settings {
		byName[settings[i].env()] = &settings[i]
	}
	found := map[string]given{}
	var warnings []string
	for _, variable := range env {
		name, text, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "DKRON_") || text == "" {
			continue
		}
		if s := byName[name]; s != nil {
			if injected(name, text) {
				warnings = append(warnings, fmt.Sprintf("%s is ignored: Kubernetes sets it to the address of a service of that name; "+
					"to be rid of this warning, rename the service or set enableServiceLinks: false; to set %s, use --%s or the file",
					name, s.name, s.name))
				continue
			}
			found[s.name] = given{origin{levelEnv, name}, plain(text)}
			continue
		}
		warnings = append(warnings, unknownVariable(name)...)
	}
	return found, warnings
}

// serviceVariable matches the variables that Kubernetes and Docker links set for a service called dkron-something. Of
// our own variables it matches those that end in _PORT.
var serviceVariable = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT(_\d+_(TCP|UDP|SCTP).*)?$`)

// serviceAddress matches the value of a variable such as DKRON_RPC_PORT if it describes a service called dkron-rpc.
var serviceAddress = regexp.MustCompile(`^(tcp|udp|sctp)://`)

// injected reports whether Kubernetes set a variable with the name of a setting for a service.
func injected(name, text string) bool {
	return serviceVariable.MatchString(name) && serviceAddress.MatchString(text)
}

// unknownVariable warns only where a mistake is likely, since other programs have variables of this prefix too.
func unknownVariable(name string) []string {
	if name == "DKRON_CONFIG" {
		return []string{"DKRON_CONFIG is ignored: name the file with --config"}
	}
	key := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "DKRON_"), "_", "-"))
	near := nearest(key)
	if near == nil || serviceVariable.MatchString(name) {
		return nil
	}
	return []string{fmt.Sprintf("unknown variable %s is ignored; did you mean %s?", name, near.env())}
}

// home is the value of HOME.
func home(env []string) string {
	dir := ""
	for _, variable := range env {
		if text, ok := strings.CutPrefix(variable, "HOME="); ok {
			dir = text
		}
	}
	return dir
}
