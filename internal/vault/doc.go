// Package vault gives the values of secrets to what may use them: on a server it opens what the state has sealed, and on a node it asks
// servers for the secrets of an execution that the node holds.
package vault
