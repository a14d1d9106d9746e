// Package respond writes the answers of every HTTP face: JSON, text, errors, entity tags, compression and event
// streams.
//
// It knows no endpoint and no data. Package httpserver handles requests before an endpoint sees them.
package respond
