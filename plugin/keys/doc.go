// Package keys is for executors: it reads the keys that several of them have in common (timeout, headers, TLS, debug,
// command, env, sizes), collects what is wrong with a job's configuration, masks secrets, gives a command the variables
// that identify its execution, and makes the response of an execution that failed, timed out or was stopped.
package keys
