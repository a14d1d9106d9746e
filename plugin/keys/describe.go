package keys

import (
	"strconv"

	"dkron/plugin"
)

// TimeoutKey describes the key timeout, which limits what.
func TimeoutKey(what string) plugin.Property {
	return plugin.Property{
		Name: "timeout", Title: "Timeout in seconds", Format: plugin.Integer, Default: strconv.Itoa(int(DefaultTimeout.Seconds())),
		Description: what + ", in whole seconds. 0 means no limit.",
	}
}

// HeadersKey describes the key headers.
func HeadersKey(example string) plugin.Property {
	return plugin.Property{
		Name: "headers", Title: "Headers", ContentMediaType: plugin.MediaJSON, ContentSchema: plugin.Lines(), Advanced: true,
		Description: "Headers of the message, each as Name: value.",
		Examples:    []string{`["` + example + `"]`},
	}
}

// TLSKeys describes the keys of TLS. noVerify is the name of the key that turns the check of the other side off.
func TLSKeys(noVerify string) []plugin.Property {
	return []plugin.Property{
		{
			Name: noVerify, Title: "Trust any certificate", Format: plugin.Boolean, Default: "false", Advanced: true,
			Description: "Skips the check of the server's certificate. For tests only.",
		},
		{
			Name: "tlsRootCAsFile", Title: "Trusted authorities", Advanced: true,
			Description: "A PEM file on the node that replaces the system's certificate authorities.",
			Examples:    []string{"/etc/ssl/internal-ca.pem"},
		},
		{
			Name: "tlsCertificateFile", Title: "Client certificate", Advanced: true,
			Description: "A PEM file on the node that identifies this client. It needs the key too.",
			Examples:    []string{"/etc/ssl/client.pem"},
		},
		{
			Name: "tlsCertificateKeyFile", Title: "Key of the client certificate", Advanced: true,
			Description: "A PEM file on the node. It needs the certificate too.",
			Examples:    []string{"/etc/ssl/client-key.pem"},
		},
	}
}

// DebugKey describes the key debug.
func DebugKey() plugin.Property {
	return plugin.Property{
		Name: "debug", Title: "Show the configuration in the output", Format: plugin.Flag, Advanced: true,
		Description: "Writes the configuration, with secrets masked, at the start of the output. Any value turns it on.",
		Examples:    []string{"true"},
	}
}
