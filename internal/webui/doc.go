// Package webui serves the built web page to browsers.
//
// It does not depend on the page's content: the page is a client of /v1 like any other. New's routes are registered
// next to the API's. All references are relative, so the page works under any prefix that a proxy strips.
package webui
