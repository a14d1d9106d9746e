package app

import (
	"crypto/tls"

	"dkron/internal/nodetls"
)

// openCertificates reads this node's certificate, if it has one.
func (n *Node) openCertificates() (err error) {
	c := n.cfg
	n.certificate, err = nodetls.OpenNode(nodetls.Node{
		Files: nodetls.Files{Certificate: c.CertFile, Key: c.KeyFile, Authority: c.TrustedCAFile, Revoked: c.ClientCRLFile},
		Name:  c.NodeName, Server: c.Server, Required: c.RequireTLS, Listens: n.addr.RPCBind, Logger: n.log,
	})
	if err == nil {
		go n.certificate.Keep(n.living)
	}
	return err
}

// httpTLS is how the HTTP port is protected, nil for not at all.
func (n *Node) httpTLS() *tls.Config {
	if n.cfg.DisableHTTPTLS {
		return nil
	}
	return n.certificate.HTTP(n.cfg.ClientCertAuth)
}
