// Package rpc carries what nodes say to each other: gRPC over one port that Raft shares.
//
// Messages are those of package codec, in the protobuf wire format, and describe themselves; methods stand in one table
// in service.go. An error keeps its kind across the wire by the table in error.go.
package rpc
