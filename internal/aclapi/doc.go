// Package aclapi is the endpoints of access control, and the gate before all endpoints.
package aclapi
