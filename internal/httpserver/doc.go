// Package httpserver opens and closes a port, and handles a request before an endpoint sees it: limits of connections,
// times and bodies, rules for paths and origins, and the only recover from panics.
//
// It knows no endpoint and no data. Package respond writes the answers.
package httpserver
