// Command load measures how many runs a second one server carries, how late they start, and what that costs.
//
// It starts a server (or uses a running one, with --addr), stores jobs that all fire every second, and watches for a
// while. In mode http the jobs call a sink in its own process, which counts and measures what arrives. In mode shell
// they run `true`; the same run also measures the rate of a plain loop around os/exec with the same concurrency,
// because the rate of starting processes is a property of the machine.
//
//	go run ./test/load --jobs 2000 --duration 20s --mode http
//
// With --storm further jobs fail every second. It is measured without a rule that notices them, and then with one whose
// channel is the sink, which counts the messages:
//
//	go run ./test/load --jobs 1000 --storm 170 --duration 60s
//
// With --tls it measures three servers that share the work, without and with TLS between them:
//
//	go run ./test/load --tls --jobs 500
//
// With --idle it measures instead what three servers cost that have nothing to do:
//
//	go run ./test/load --idle --jobs 0
//	go run ./test/load --idle --jobs 100000
package main
