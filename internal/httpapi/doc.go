// Package httpapi serves /v1 over HTTP: it decodes a request, asks and encodes the answer. A file per resource.
//
// Reads are answered from this server's state, writes go through Controller. routes.go has the table of routes, handler.go
// what every request passes through. What any HTTP face shares is in packages httpserver and respond.
package httpapi
