// Package httpapi serves /v1 over HTTP: a file per resource, middleware, one table from error kinds to status codes.
//
// Reads are answered from this server's state, writes go through Controller. handler.go has the table of routes and
// what every request passes through; error.go has the table of errors.
package httpapi
