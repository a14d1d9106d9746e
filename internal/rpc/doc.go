// Package rpc is the protocol between nodes: gRPC on one port, shared with Raft.
//
// Messages are those of package codec, in the protobuf wire format, and describe themselves. service.go lists the
// methods: one per request of package request, made in a loop, and the other calls of nodes and operators. The table in
// error.go keeps an error's kind across the wire.
package rpc
