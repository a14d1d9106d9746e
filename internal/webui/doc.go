// Package webui serves the built web page to browsers.
//
// It knows nothing of what the page shows: the page is a client of /v1 like any other. New's routes are registered next
// to those of the API. All references in what they send are relative, so the page works under any prefix that a proxy
// strips.
package webui
