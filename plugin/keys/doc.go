// Package keys is for executors that send something to another machine: it reads the keys that such executors have in
// common (timeout, headers, TLS, debug), collects what is wrong with a job's configuration, masks secrets, and makes the
// response of an execution that failed, timed out or was stopped.
package keys
