// Package respond writes the answers of every HTTP face: JSON, text, errors, entity tags, compression and event streams.
//
// It knows no endpoint and no data. What a request passes before an endpoint sees it is in package httpserver.
package respond
