// Package access proves on real nodes that nobody does what it may not: every operation of the API's description with every
// kind of client, and attacks.
package access
