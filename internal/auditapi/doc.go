// Package auditapi is the endpoint of the audit, and notes in it what has no log entry: requests that this server refused, and what was
// done to a node.
package auditapi
