package httpcall

import (
	"encoding/json"
	"net/http"
	"slices"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage { return schema().JSON() }

// schema lists every key of the configuration.
func schema() plugin.Schema {
	return plugin.Schema{
		Description: "Sends one HTTP request and judges the response.",
		Properties:  slices.Concat(requestKeys(), responseKeys(), routeKeys(), keys.TLSKeys("tlsNoVerifyPeer"), []plugin.Property{debugKey()}),
	}
}

func requestKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "method", Required: true, Title: "Method", Description: "The HTTP method.",
			Examples: []string{
				http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead,
			},
		},
		{
			Name: "url", Required: true, Title: "URL",
			Description: "The address, with http:// or https://. Spaces and similar characters in its query are escaped.",
			Examples:    []string{"https://example.com/hooks/nightly"},
		},
		{
			Name: "headers", Title: "Headers", ContentMediaType: plugin.MediaJSON, ContentSchema: plugin.Lines(),
			Description: "Headers of the request, each as Name: value.",
			Examples:    []string{`["Content-Type: application/json"]`},
		},
		{Name: "body", Title: "Body", Format: plugin.Multiline, Role: plugin.Payload, Description: "The body of the request, as text."},
		{
			Name: "bodyFile", Title: "File with the body", Advanced: true,
			Description: "A file on the node that is sent as the body. It is read while it is sent, so it may be large. Ignored if there is a body.",
			Examples:    []string{"/var/backups/nightly.tar.gz"},
		},
		keys.TimeoutKey("For the whole request, redirects included"),
	}
}

func responseKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "expectCode", Title: "Expected status",
			Description: "Status codes or classes that count as a success. Without it, any response is a success, even a 500.",
			Examples:    []string{"200, 204, 3xx"},
		},
		{
			Name: "expectBody", Title: "Expected body",
			Description: "A regular expression that must match somewhere in the first MiB of the response.",
			Examples:    []string{`"status":\s*"ok"`},
		},
		{
			Name: "failOnError", Title: "Fail on 4xx and 5xx", Format: plugin.Boolean, Default: "false",
			Description: "A status of 400 or above is a failure. Ignored if an expected status is set.",
		},
	}
}

func routeKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "followRedirects", Title: "Follow redirects", Format: plugin.Boolean, Default: "true", Advanced: true,
			Description: "If off, the redirect itself is judged. A 301 or 302 turns a POST into a GET without a body.",
		},
		{
			Name: "proxy", Title: "Proxy", Advanced: true,
			Description: "The proxy of the request: http://, https://, socks5:// or, to look names up there too, socks5h://. It may contain a user and a password. " +
				"The agent's own proxy variables are not used.",
			Examples: []string{"http://proxy.example.com:3128", "socks5://localhost:1080"},
		},
		{
			Name: "unixSocket", Title: "Unix socket", Advanced: true,
			Description: "A socket on the node to which the request is sent instead of to the URL's host, which then only fills the Host header.",
			Examples:    []string{"/run/docker.sock"},
		},
	}
}

func debugKey() plugin.Property {
	key := keys.DebugKey()
	key.Title = "Show the request in the output"
	return key
}
