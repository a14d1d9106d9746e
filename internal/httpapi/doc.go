// Package httpapi serves /v1 over HTTP: it decodes a request, asks and encodes the answer. There is a file per
// resource.
//
// Reads are answered from this server's state, writes go through Controller. routes.go has the table of routes,
// handler.go the code that every request passes through. Packages httpserver and respond have what all HTTP faces
// share.
package httpapi
