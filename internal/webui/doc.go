// Package webui serves the built web page to browsers.
//
// It knows nothing of what the page shows: the page is a client of /v1 like any other. New's routes go beside those of
// the API. All that they send leads on by relative references, so the page works behind any prefix that a proxy strips.
package webui
