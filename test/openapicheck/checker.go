package openapicheck

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pb33f/libopenapi-validator/router"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Errors that say what is wrong: the answer, or an accepted request.
var (
	ErrResponse = errors.New("the answer is not what the API's description says")
	ErrRequest  = errors.New("a request was accepted that the API's description does not allow")
)

// maxChecked is how many elements of a long array are checked; the others are made by the same code.
const maxChecked = 20

// Checker checks requests and answers against the document. It is safe for concurrent use.
type Checker struct{ *document }

// New returns a checker. The document is read once per process.
func New(t testing.TB) *Checker {
	t.Helper()
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return &Checker{d}
}

// Check returns an error that wraps ErrResponse or ErrRequest if a request and its answer do not fit the document. body
// is the answer's; the request's is read from req.GetBody, if that is not nil. A request for an unknown path must be
// answered with 404, or with a redirect if it has a slash too many.
func (c *Checker) Check(req *http.Request, resp *http.Response, body []byte) error {
	asked := req.Clone(req.Context())
	if req.Method == http.MethodHead {
		asked.Method = http.MethodGet
	}
	route, err := c.router.FindRoute(asked)
	switch {
	case strings.HasPrefix(req.URL.Path, "/v1/acl/") && resp.StatusCode == http.StatusNotFound &&
		(req.Method == http.MethodHead || string(body) == "404 page not found"):
		err = checkUnknown(req, resp) // of a server without access control
	case !clean(req.URL.Path) || err == nil && !sameSlash(req.URL.Path, route.Path):
		err = checkUnknown(req, resp)
	case errors.Is(err, router.ErrMethodNotAllowed):
		err = checkOtherMethod(req, resp)
	case err != nil:
		err = checkUnknown(req, resp)
	default:
		return c.checkKnown(asked, req.Method == http.MethodHead, resp, body, route)
	}
	return wrap(ErrResponse, req, resp, body, err)
}

func (c *Checker) checkKnown(req *http.Request, head bool, resp *http.Response, body []byte, route *router.Route) error {
	body, err := plain(resp, body)
	if err == nil {
		err = c.checkAnswer(req, head, resp, body, route)
	}
	if err != nil {
		return wrap(ErrResponse, req, resp, body, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil
	}
	return wrap(ErrRequest, req, resp, body, c.checkRequest(req, route))
}

func wrap(kind error, req *http.Request, resp *http.Response, body []byte, err error) error {
	if err == nil {
		return nil
	}
	const shown = 2000
	if len(body) > shown {
		body = append(slices.Clone(body[:shown]), "…"...)
	}
	return fmt.Errorf("%w: %s %s: status %d: %w; the body was %q", kind, req.Method, req.URL.RequestURI(), resp.StatusCode, err, body)
}

// clean reports whether a path has neither doubled slashes nor dots, which are significant.
func clean(p string) bool {
	return strings.TrimSuffix(path.Clean(p), "/") == strings.TrimSuffix(p, "/")
}

// sameSlash reports whether the router wrongly accepts a path with a slash too many.
func sameSlash(asked, described string) bool {
	return asked == "/v1/" || strings.HasSuffix(asked, "/") == strings.HasSuffix(described, "/")
}

// checkUnknown checks an undescribed path: it must be unknown, or redirect to the path with one slash more or less.
func checkUnknown(req *http.Request, resp *http.Response) error {
	to, _, _ := strings.Cut(resp.Header.Get("Location"), "?")
	switch resp.StatusCode {
	case http.StatusNotFound:
		return nil
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect:
		if strings.TrimSuffix(to, "/") == strings.TrimSuffix(req.URL.EscapedPath(), "/") {
			return nil
		}
	}
	return errors.New("the document does not know the path, so the answer must be 404, or a redirect with a slash more or less")
}

// checkOtherMethod checks a known path with an undescribed method.
func checkOtherMethod(req *http.Request, resp *http.Response) error {
	want := http.StatusMethodNotAllowed
	if req.Method == http.MethodOptions {
		want = http.StatusNoContent
	}
	if resp.StatusCode != want || resp.Header.Get("Allow") == "" {
		return fmt.Errorf("the document has no such method, so the status must be %d with the header Allow", want)
	}
	return nil
}

// plain undoes compression.
func plain(resp *http.Response, body []byte) ([]byte, error) {
	encoding := resp.Header.Get("Content-Encoding")
	if encoding == "" || len(body) == 0 {
		return body, nil
	}
	var in io.Reader
	var err error
	switch encoding {
	case "gzip":
		in, err = gzip.NewReader(bytes.NewReader(body))
	case "zstd":
		in, err = zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1))
	default:
		err = errors.New("nobody asked for it")
	}
	if err == nil {
		body, err = io.ReadAll(in)
	}
	if err != nil {
		return nil, fmt.Errorf("Content-Encoding %s: %w", encoding, err)
	}
	return body, nil
}

// checkAnswer checks an answer to a described operation.
func (c *Checker) checkAnswer(req *http.Request, head bool, resp *http.Response, body []byte, route *router.Route) error {
	described := route.Operation.Responses.Codes.GetOrZero(fmt.Sprint(resp.StatusCode))
	if described == nil {
		return errors.New("the status is not described")
	}
	if err := c.checkHeaders(resp, described); err != nil {
		return err
	}
	hasContent := described.Content != nil && described.Content.Len() > 0
	switch {
	case head:
		return nil
	case !hasContent && len(body) > 0:
		return errors.New("a body is not described")
	case !hasContent || len(body) == 0 && resp.Header.Get("Content-Type") == "" && mayBeEmpty(described):
		return nil
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream"):
		return c.checkStream(route, resp.StatusCode, body)
	}
	checked := &http.Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(shorten(body)))}
	_, problems := c.validator.GetResponseBodyValidator().ValidateResponseBodyWithPathItem(req, checked, route.PathItem, route.Path)
	if err := join(problems); err != nil {
		return err
	}
	return c.checkFields(route, resp, body)
}

func mayBeEmpty(r *v3.Response) bool {
	return r.Extensions != nil && r.Extensions.GetOrZero("x-may-be-empty") != nil
}

// checkHeaders refuses headers that are described neither for the answer nor for all answers.
func (c *Checker) checkHeaders(resp *http.Response, described *v3.Response) error {
	for name := range resp.Header {
		if c.general[name] {
			continue
		}
		known := false
		if described.Headers != nil {
			for key := range described.Headers.KeysFromOldest() {
				known = known || http.CanonicalHeaderKey(key) == name
			}
		}
		if !known {
			return fmt.Errorf("the header %s is not described", name)
		}
	}
	return nil
}

// checkText checks a request whose body is a text: that its type is described, and its query.
func (c *Checker) checkText(req *http.Request, route *router.Route, kind string) error {
	if _, ok := route.Operation.RequestBody.Content.Get(kind); !ok {
		return fmt.Errorf("a body of the type %s is not described", req.Header.Get("Content-Type"))
	}
	_, problems := c.validator.GetParameterValidator().ValidateQueryParamsWithPathItem(req, route.PathItem, route.Path)
	return join(problems)
}

func takesText(body *v3.RequestBody) bool {
	_, ok := body.Content.Get("text/plain")
	return ok
}

// checkRequest checks an accepted request. Except for forms, YAML and text where that is described, its body counts as JSON whatever its Content-Type.
func (c *Checker) checkRequest(req *http.Request, route *router.Route) error {
	described := route.Operation.RequestBody
	sent := req.Clone(req.Context())
	switch {
	case described == nil || req.GetBody == nil:
		sent.Body = http.NoBody
	case strings.Contains(req.Header.Get("Content-Type"), "yaml"): // a text: the validator would read it
		return c.checkText(req, route, "application/yaml")
	case strings.HasPrefix(req.Header.Get("Content-Type"), "text/plain") && takesText(described):
		return c.checkText(req, route, "text/plain")
	case !strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/"):
		sent.Header.Set("Content-Type", "application/json")
		fallthrough
	default:
		body, err := req.GetBody()
		if err != nil {
			return err
		}
		sent.Body = body
	}
	if described != nil && req.GetBody == nil {
		_, problems := c.validator.GetParameterValidator().ValidateQueryParamsWithPathItem(sent, route.PathItem, route.Path)
		return join(problems)
	}
	_, problems := c.validator.ValidateHttpRequestSyncWithPathItem(sent, route.PathItem, route.Path)
	return join(problems)
}
