package app

import (
	"crypto/tls"

	"dkron/internal/authority"
	"dkron/internal/nodetls"
	"dkron/internal/rpc"
)

// openCertificates reads this node's certificate, if it has one.
func (n *Node) openCertificates() (err error) {
	c := n.cfg
	n.certificate, n.protection, err = nodetls.OpenNode(nodetls.Node{
		Files: nodetls.Files{Certificate: c.CertFile, Key: c.KeyFile, Authority: c.TrustedCAFile, Revoked: c.ClientCRLFile},
		Auto:  nodetls.Auto{On: c.AutoTLS, DataDir: c.DataDir, Secret: c.Secret(), Moved: c.AcceptCluster, Given: c.IsSet("require-tls")},
		Name:  c.NodeName, Server: c.Server, Required: c.RequireTLS, Listens: n.addr.RPCBind, Logger: n.log,
	})
	if err == nil {
		go n.certificate.Keep(n.living)
	}
	return err
}

// openAuthority builds the room that gets this node's certificate from its cluster; it is nil if the node gets none from there.
func (n *Node) openAuthority() {
	if n.protection.Auto() {
		n.authority = authority.New(authority.Node{
			Name: n.cfg.NodeName, Server: n.cfg.Server, RPCAddr: n.addr.RPCAdvertise, Material: n.protection, Members: n.view,
			Others: rpc.NewNodes(n.pool), Cluster: n.identity.Cluster, Logger: n.log,
		})
	}
}

// httpTLS is how the HTTP port is protected, nil for not at all.
func (n *Node) httpTLS() *tls.Config {
	if n.cfg.DisableHTTPTLS {
		return nil
	}
	return n.certificate.HTTP(n.cfg.ClientCertAuth)
}
