package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"dkron"
	"dkron/internal/reach"
)

// IDHeader is the header by which a receiver knows a notice that it has already got.
const IDHeader = "Dkron-Notification-Id"

// webhook posts a text.
type webhook struct {
	url     string
	host    string // instead of that of the URL, unless it is empty
	headers http.Header
	body    *body
	options *Options
}

// header takes in an entry "Name: value". It returns what is wrong with it, without the value: it may be a secret.
func (w *webhook) header(entry string) (problem string) {
	name, value, ok := strings.Cut(entry, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !ok:
		return "has no colon; write Name: value"
	case !isToken(name):
		return fmt.Sprintf("has the name %q, which a header can't have; write Name: value", name)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return fmt.Sprintf("(%s) has a line break or another control character in its value", name)
	case strings.EqualFold(name, "Host"):
		w.host = value
		return ""
	}
	if w.headers == nil {
		w.headers = make(http.Header)
	}
	w.headers.Add(textproto.CanonicalMIMEHeaderKey(name), value)
	return ""
}

// isToken reports whether a text can be the name of a header.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// address reports whether a setting is an address that can be called; if not, it is refused.
func (b *builder) address(setting, text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		b.refuse(setting, "is not an address; write one such as https://example.com/hook")
		return false
	}
	return true
}

func (w *webhook) send(ctx context.Context, n *dkron.Notice) error {
	text, err := w.body.render(n)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, strings.NewReader(text))
	if err != nil {
		return errors.New("the address can't be called")
	}
	if w.headers != nil {
		req.Header = w.headers.Clone()
	}
	req.Host = w.host
	return w.options.call(req, n)
}

// newClient returns a client without a time limit, since each attempt has one. Its connections are few, as channels have few
// endpoints.
func newClient(policy *reach.Policy) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext, t.Proxy = policy.DialContext, policy.Via(t.Proxy)
	t.MaxIdleConnsPerHost = 4
	t.IdleConnTimeout = time.Minute
	t.MaxResponseHeaderBytes = 64 << 10
	return &http.Client{Transport: t}
}

// maxAnswer is how much of an answer is read: enough to use the connection again, and to say what was wrong.
const maxAnswer = 4 << 10

// call makes a request. A status of 400 or more is an error.
func (o *Options) call(req *http.Request, n *dkron.Notice) error {
	req.Header.Set(IDHeader, o.id(n))
	return o.do(req)
}

// final reports whether a status says that the request itself is wrong. Who may call, how often and when can change.
func final(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusConflict,
		http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status < http.StatusInternalServerError
}

// withoutURL returns an error without the address: services such as Slack have the secret in its path.
func withoutURL(req *http.Request, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s has not answered in time", req.URL.Host)
	}
	return fmt.Errorf("%s can't be reached: %w", req.URL.Host, err)
}
