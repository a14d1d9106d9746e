package keys

import (
	"strings"

	"dkron/plugin"
)

// Failure is the response of an execution that can't be attempted, nil if it can.
func (c *Config) Failure() *plugin.ExecuteResponse {
	err := c.Err()
	if err == nil {
		return nil
	}
	out := &plugin.ExecuteResponse{Error: err.Error()}
	p := c.faults[0].Problem
	if said := p.Key + " " + p.Text; said != out.Error {
		out.Reason = said
	}
	return out
}

// Advice says how to fix an error of a connection, or nothing if it doesn't know. Texts are what libraries leave of it.
func Advice(text, host string) string {
	for _, a := range []struct{ part, advice string }{
		{"connection refused", "nothing accepts connections at " + host + "; check that the server runs and that the port is right"},
		{"no such host", "no address is known for " + host + "; check the name, and the node's DNS"},
		{"no route to host", "there is no route from this node to " + host},
		{"network is unreachable", "there is no route from this node to " + host},
		{"signed by unknown authority", "no authority that this node trusts has signed the certificate of " + host + "; name the authority's file in tlsRootCAsFile"},
		{"certificate is valid for", "the certificate of " + host + " is for another name; use that name in url"},
		{"doesn't contain any IP SANs", "the certificate of " + host + " is for a name, not for an address; use the name in url"},
		{"certificate has expired", "the certificate of " + host + " is not valid now; renew it, or set the node's clock"},
		{"certificate required", host + " wants a client certificate; set tlsCertificateFile and tlsCertificateKeyFile"},
		{"bad certificate", host + " does not accept the client certificate; check tlsCertificateFile"},
		{"first record does not look like a TLS handshake", host + " does not speak TLS on this port; use the port for TLS, or a url without it"},
		{"connection reset by peer", host + " closed the connection; check that this is its port, and whether it wants TLS or a client certificate"},
		{"broken pipe", host + " closed the connection; check that this is its port, and whether it wants TLS or a client certificate"},
		{"EOF", host + " closed the connection; check that this is its port, and whether it wants TLS or a client certificate"},
		{"connection is not open", host + " closed the connection; check that this is its port, and whether it wants TLS or a client certificate"},
		{"use of closed network connection", host + " closed the connection; check that this is its port, and whether it wants TLS or a client certificate"},
		{"too many open files", "the node is short of file descriptors; raise its limit, or run fewer jobs at once"},
	} {
		if strings.Contains(text, a.part) {
			return a.advice
		}
	}
	return ""
}

// maxText is how many bytes of what others say appear in a line.
const maxText = 500

// Short returns what another program says as one line that is not too long.
func Short(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
