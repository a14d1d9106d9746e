// Package httpserver is what a request passes before an endpoint sees it: limits of connections, times and bodies, rules
// about paths and origins, and the one place that catches panics.
//
// It knows no endpoint and no data. How an answer is written is in package respond.
package httpserver
