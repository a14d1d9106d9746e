// Package request is what a client may ask the cluster to do. Each use case is one file: its contract, its fields, the
// type of its reply, its name and what it touches. table.go lists them all.
//
// Package control does what a request asks, on the server that leads. Package proxy sends it there, and package rpc
// carries it. All three offer one method, Do, and know nothing of any single request.
//
// Requests and replies are sent between nodes of different versions: names and field numbers stay as they are, and
// new numbers are only appended. The log has commands of its own (package command), so a request may change while
// commands that are on disk may not.
package request
