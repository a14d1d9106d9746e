// Package rpc carries what nodes say to each other: gRPC over one port that Raft shares.
//
// Messages are those of package codec, in the protobuf wire format, and describe themselves. service.go lists the
// methods: one for each request of package request, made in a loop, and what nodes and operators ask besides. An error
// keeps its kind across the wire by the table in error.go.
package rpc
