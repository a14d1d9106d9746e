package emailoutput

import (
	"strconv"

	"dkron/internal/mail"
	"dkron/plugin"
	"dkron/plugin/keys"
)

// entryKeys are the keys of an entry of the file.
var entryKeys = []string{"host", "port", "username", "password", "from", "subjectPrefix", "tls", "tlsRootCAsFile", "tlsNoVerifyPeer"}

const defaultPrefix = "[Dkron]"

// serverOf returns the server of an entry.
func serverOf(values map[string]string) (s mail.Server, found []plugin.Problem) {
	k := keys.Read(values)
	s = mail.Server{
		Host: values["host"], Username: values["username"], Password: values["password"], From: values["from"], TLS: values["tls"],
		CAFile: values["tlsRootCAsFile"], InsecureSkipVerify: k.Bool("tlsNoVerifyPeer", false),
	}
	if text := values["port"]; text != "" {
		port, err := strconv.Atoi(text)
		if s.Port = port; err != nil {
			k.Fault("port", plugin.Hopeless, nil, "is not a number; write one such as 587")
		}
	}
	return s, k.Problems()
}

// checkEntry returns the problems of an entry.
func checkEntry(values map[string]string) []plugin.Problem {
	s, found := serverOf(values)
	for _, p := range s.Problems() {
		severity := plugin.Hopeless
		if p.Field == "username" || p.Field == "password" {
			severity = plugin.Odd
		}
		found = append(found, plugin.Problem{Key: p.Field, Text: p.Text, Severity: severity})
	}
	return found
}

// prefixOf returns what subjects begin with.
func prefixOf(values map[string]string) string {
	if prefix, there := values["subjectPrefix"]; there {
		return prefix
	}
	return defaultPrefix
}
