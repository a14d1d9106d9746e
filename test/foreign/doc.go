// Package foreign proves that the protocol of plugins is what its pages say. A plugin and a host are written in another language,
// from these pages alone: no code of ours, and no library of plugins, gRPC or protobuf. The plugin runs under our host, the host
// drives a plugin made with our kit, and the bytes of that exchange are those of a recording.
package foreign
