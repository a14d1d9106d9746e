// Package secretapi is the endpoints of secrets. A value comes in, is sealed at once, and never goes out.
package secretapi
