// Package openid asks an OpenID Connect provider who somebody is, with the code flow and PKCE, and finds out by the person's groups
// what that person may do here. See docs/adr/0050-openid-connect.md.
package openid
