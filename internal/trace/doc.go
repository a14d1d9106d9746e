// Package trace tells an OpenTelemetry collector about requests to the API, launches, and their executions, as spans.
//
// The ids of a launch's spans are derived from the launch, so every node knows them without being told: an agent gives
// them to commands, and the leader exports the spans once their end is in the state. Nothing of them is stored, and a new
// leader goes on. OTLP is written here, over HTTP and over gRPC: the SDK would add more to the program than the rest of
// this room.
package trace
