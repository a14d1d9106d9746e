// Package relay makes an agent's HTTP port serve the API of a server: it carries requests to a server, over any
// connection between the two, and the answers back in parts.
package relay
