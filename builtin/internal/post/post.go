// Package post sends documents to web services that may be slow, broken or hostile, and reads no more of their answers
// than is needed to say what went wrong.
package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"dkron/internal/reach"
)

// maxBody is how many bytes of an answer are read.
const maxBody = 16 << 10

// Answer is what a service answered.
type Answer struct {
	Status     int
	Body       []byte // its first bytes
	RetryAfter time.Duration
}

// Call is a document and where it goes.
type Call struct {
	Method, URL        string
	Username, Password string // both empty: those in the URL, if any
	Document           []byte // JSON
}

// Client makes calls. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a client that calls the addresses which the policy admits. config is nil for the system's authorities. Redirects are
// not followed: the next place may be another's.
func New(policy *reach.Policy, config *tls.Config) *Client {
	transport := &http.Transport{
		DialContext: policy.DialContext, Proxy: policy.Via(http.ProxyFromEnvironment), TLSClientConfig: config, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 4, MaxIdleConns: 32, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
	}
	return &Client{&http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Close closes connections that nothing uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Do makes a call. An answer of any status is no error.
func (c *Client) Do(ctx context.Context, call Call) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL, bytes.NewReader(call.Document))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "dkron")
	if call.Username != "" || call.Password != "" {
		req.SetBasicAuth(call.Username, call.Password)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil && resp.StatusCode < http.StatusBadRequest { // what was refused stays so without its text
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return &Answer{Status: resp.StatusCode, Body: body, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}, nil
}

// longestWait bounds what a service may ask for.
const longestWait = time.Hour

// retryAfter returns the pause that a service asks for: seconds, or a date.
func retryAfter(text string) time.Duration {
	var wait time.Duration
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), longestWait)
}
