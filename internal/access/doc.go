// Package access decides who may do what: it finds out whose a secret is, and asks that client's policies. Everything that
// answers clients asks it, and nothing else decides. See docs/adr/0042-access-control.md.
package access
