// Package relay lets an agent's HTTP port be the API of a server: it carries requests to a server, over whatever
// connects the two, and the answers back, part by part as they come.
package relay
