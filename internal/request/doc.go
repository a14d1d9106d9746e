// Package request defines what a client may ask of the cluster. Each use case is one file: its contract, its fields,
// the type of its reply, its name and what it touches. table.go lists them all.
//
// Package control executes requests on the leader. Package proxy forwards them to it, and package rpc carries them. All
// three have one method, Do, and know no single request.
//
// Requests and replies are sent between nodes of different versions: names and field numbers never change, and new
// numbers are only appended. The log has its own commands (package command), so a request may change while commands on
// disk may not.
package request
