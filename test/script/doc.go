// Package script runs stories: scripts that start real nodes and use them as a person with curl would. They are in
// scripts/*.txtar, one story each, and also serve as documentation.
//
// A script is a list of commands. https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript describes the built-in
// ones, such as exec, stdout, env and wait. Our own:
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
// PATH is like jq's: .name, .[0].state, .executions[1].attempt; .length is the length of an array. VALUE is a text, or
// a regular expression between slashes. A ! before json means that the value must differ.
//
// Every script has its own directory ($WORK), dkron in its PATH, and in the environment free ports for one node
// (DKRON_HTTP_ADDR and so on, which dkron reads by itself) and its address, $URL. A node is started with
//
//	exec dkron agent --dev &
//
// and ends with the script. A script for a missing feature begins with skip and the reason.
package script
