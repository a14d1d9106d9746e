// Package mail sends messages by SMTP. Each message has a connection of its own, which is encrypted if the server can do
// that, and each recipient an outcome of its own.
package mail
