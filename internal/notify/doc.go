// Package notify sends notices of executions, as a node's settings say: by mail, through a webhook, and to Cronitor. It sends what
// it is given, once, and remembers nothing that matters: package deliver decides what is sent when, and again.
package notify
