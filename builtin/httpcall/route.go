package httpcall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// route is how the connections of a request are made. Requests with equal routes share connections.
type route struct {
	tls    keys.TLS
	proxy  string // its address, empty: none
	socket string // path of a Unix socket, empty: the host and port of the request's address
}

var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

const wantProxy = "it must be an address such as http://proxy.example.com:3128 or socks5://localhost:1080"

// proxyOf returns what net/http asks for the proxy of a request.
func (r route) proxyOf() (func(*http.Request) (*url.URL, error), error) {
	if r.proxy == "" {
		return nil, nil //nolint:nilnil // the environment's proxies were never used
	}
	u, err := parseProxy(r.proxy)
	if err != nil {
		return nil, fmt.Errorf("proxy %w", err)
	}
	return http.ProxyURL(u), nil
}

// dialer returns what makes the connections. A socket is no address: who may write to it is up to its file's rights.
func (r route) dialer(otherwise dial) dial {
	if r.socket == "" {
		return otherwise
	}
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", r.socket)
	}
}

// parseProxy parses the address of a proxy. No error includes it, since it may contain a password.
func parseProxy(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		if in := (*url.Error)(nil); errors.As(err, &in) {
			err = in.Err
		}
		return nil, fmt.Errorf("can't be parsed: %w; %s", err, wantProxy)
	case !slices.Contains(proxySchemes, u.Scheme):
		return nil, errors.New("begins with none of http://, https://, socks5:// and socks5h://; " + wantProxy)
	case u.Hostname() == "":
		return nil, errors.New("names no host; " + wantProxy)
	}
	return u, nil
}

func (c *config) checkRoute() {
	if c.route.proxy == "" {
		return
	}
	if c.route.socket != "" {
		c.Fault("unixSocket", plugin.Hopeless, errors.New("proxy and unixSocket are both set"), "is set together with proxy; remove one of them")
	}
	if _, err := parseProxy(c.route.proxy); err != nil {
		c.Fault("proxy", plugin.Hopeless, nil, "%v", err)
	}
}

// attach makes a file the body of a request. It is opened again for each redirect that repeats the body.
func attach(r *http.Request, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("bodyFile: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("bodyFile: %s is not a regular file", name)
	}
	if r.Body, err = os.Open(name); err != nil {
		return fmt.Errorf("bodyFile: %w", err)
	}
	r.ContentLength = info.Size()
	r.GetBody = func() (body io.ReadCloser, err error) { return os.Open(name) }
	return nil
}

// closeBody closes the body of a request that is not sent.
func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
