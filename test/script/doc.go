// Package script runs stories: scripts that start real nodes and use them as a person with curl would. They are in
// scripts/*.txtar, one story each, and are meant to be read as documentation too.
//
// A script is a list of commands; https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript has those that are
// always there, such as exec, stdout, env and wait. Ours:
//
//	http METHOD URL [BODY | @FILE]   sends a request; the body of the answer is what stdout looks at
//	status CODE                      the status of the last answer
//	header NAME REGEXP               a header of the last answer
//	json PATH VALUE                  a value within the last answer
//	save NAME PATH                   puts a value within the last answer into the environment
//	ready URL                        waits until the server is ready and a job can run there
//	waitfor URL PATH VALUE           asks again until the answer has the value, at most 30 s
//	free N                           sets HTTP, GOSSIP and RPC with the number N to free addresses, for one more node
//
// PATH is what one would tell jq: .name, .[0].state, .executions[1].attempt; .length is the length of an array. VALUE is
// a text, or a regular expression between slashes. Before json, ! means that the value must be another.
//
// Every script has a directory of its own ($WORK), dkron in its PATH, and in the environment free ports for one node
// (DKRON_HTTP_ADDR and so on, which dkron reads by itself) and its address, $URL. A node is started with
//
//	exec dkron agent --dev &
//
// and ends with the script. A script for something that is not there yet begins with skip and the reason.
package script
