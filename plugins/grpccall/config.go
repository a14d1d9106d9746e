package grpccall

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const wantURL = "it must be host:port/package.Service/Method, with grpcs:// before it for TLS"

// config is a job's configuration, checked as far as possible without the server.
type config struct {
	*keys.Config
	endpoint        endpoint
	service, method string
	body            string
	headers         []keys.Pair
	headerText      string // as written: who may see a method can depend on it
	timeout         time.Duration
	codes           []codes.Code
}

// endpoint is what calls must share to share a connection.
type endpoint struct {
	addr   string
	secure bool
	tls    keys.TLS
	files  [3]keys.Stamp
}

func parse(m map[string]string) *config {
	c := &config{Config: keys.Read(m), body: m["body"], headerText: m["headers"]}
	c.parseURL(m["url"])
	c.parseTimeout(m["timeout"])
	c.parseCodes(m["expectCode"])
	c.headers = c.HeadersOr(errHeaders)
	c.checkHeaders()
	c.Debug()
	c.endpoint.tls = c.TLS("tlsNoVerifyPeer")
	if !c.endpoint.tls.IsZero() && !c.endpoint.secure {
		if strings.HasPrefix(m["url"], "grpc://") {
			c.hopeless("url", "", "begins with grpc://, which is without TLS, but keys of TLS are set; write grpcs://, or remove them")
		}
		c.endpoint.secure = true
	}
	if _, err := split(c.body); err != nil {
		c.hopeless("body", reflection+err.Error(), "is not JSON (%v), so every execution fails; write a JSON object with the fields of the message", err)
	}
	return c
}

// errHeaders is the error of executions whose headers can't be sent.
var errHeaders = errors.New("Parsing headers failed") //nolint:staticcheck // as v4 writes it

// hopeless reports why every execution fails, with the error failure, or with the key and the text if that is empty.
func (c *config) hopeless(key, failure, format string, args ...any) {
	var err error
	if failure != "" {
		err = errors.New(failure)
	}
	c.Fault(key, plugin.Hopeless, err, format, args...)
}

func (c *config) parseTimeout(text string) {
	if _, err := strconv.Atoi(text); text != "" && err != nil {
		c.hopeless("timeout", "Invalid timeout", `%s is not a number of seconds, so every execution fails; write whole seconds, such as "30"`, plugin.Shown(text))
		return
	}
	c.timeout = c.Timeout()
}

func (c *config) parseURL(text string) {
	wrong := func(failure, what string) { c.hopeless("url", failure, "%s; %s", what, wantURL) }
	if text == "" {
		wrong("url is empty", "is empty")
		return
	}
	rest := text
	if scheme, after, ok := strings.Cut(text, "://"); ok {
		switch scheme {
		case "grpc":
		case "grpcs":
			c.endpoint.secure = true
		default:
			wrong("", "begins with "+plugin.Shown(scheme+"://")+", which is not a call of gRPC")
			return
		}
		rest = after
	}
	addr, path, ok := strings.Cut(rest, "/")
	if !ok || path == "" {
		wrong("we require at least a url and a path to do a proto request", "names no method")
		return
	}
	cut := strings.LastIndexByte(path, '/')
	if cut < 0 { // package.Service.Method, as some tools write it
		cut = strings.LastIndexByte(path, '.')
	}
	if cut <= 0 || cut == len(path)-1 || strings.ContainsRune(path[:cut], '/') {
		wrong("", "names no method of a service")
		return
	}
	c.service, c.method = path[:cut], path[cut+1:]
	host, port, err := net.SplitHostPort(addr)
	if _, known := net.LookupPort("tcp", port); err != nil || host == "" || port == "" || known != nil {
		wrong("", "has no host and port")
		return
	}
	c.endpoint.addr = addr
}

// parseCodes reads a list of numbers and names, such as 5 or NOT_FOUND.
func (c *config) parseCodes(list string) {
	for entry := range strings.SplitSeq(list, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		code, ok := codeOf(entry)
		if !ok {
			c.hopeless("expectCode", "Invalid expectCode", `%s is not a status of gRPC, so every execution fails; write a number from 0 to 16 or a name, such as "0" or "NOT_FOUND"`, plugin.Shown(entry))
			return
		}
		c.codes = append(c.codes, code)
	}
	if len(c.codes) == 0 {
		c.codes = []codes.Code{codes.OK}
	}
}

func codeOf(text string) (codes.Code, bool) {
	if n, err := strconv.ParseUint(text, 10, 8); err == nil {
		return codes.Code(n), n <= uint64(codes.Unauthenticated)
	}
	plain := strings.ReplaceAll(strings.ToLower(text), "_", "")
	if plain == "cancelled" { // as the specification spells it
		return codes.Canceled, true
	}
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		if strings.ToLower(code.String()) == plain {
			return code, true
		}
	}
	return 0, false
}

func (c *config) accepts(code codes.Code) bool { return slices.Contains(c.codes, code) }

func (c *config) wanted() string {
	var names []string
	for _, code := range c.codes {
		names = append(names, code.String())
	}
	return strings.Join(names, " or ")
}

var headerName = regexp.MustCompile(`^[0-9a-z_.-]+$`)

// checkHeaders finds what the library refuses to send, and decodes binary values.
func (c *config) checkHeaders() {
	for i, h := range c.headers {
		wrong := func(format string) {
			c.hopeless("headers", errHeaders.Error(), format+", so every execution fails", i+1)
		}
		h.Name = strings.ToLower(h.Name)
		switch {
		case !headerName.MatchString(h.Name):
			wrong("has a name in entry %d that is not made of letters, digits and - _ .")
		case strings.HasPrefix(h.Name, "grpc-"):
			c.Warn("headers", "has a name in entry %d that begins with grpc-, which is reserved; the server may not get it", i+1)
		case strings.HasSuffix(h.Name, "-bin"):
			data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(h.Value, "="))
			if err != nil {
				wrong("has a value in entry %d that is not base64, as names that end in -bin need")
			}
			h.Value = string(data)
		case strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' || r > '~' }):
			wrong("has a value in entry %d that is not plain ASCII; use a name that ends in -bin, and base64")
		}
		c.headers[i] = h
	}
}

// split returns the JSON values of a body. Without any, the method gets one empty message.
func split(body string) (messages []json.RawMessage, err error) {
	for d := json.NewDecoder(strings.NewReader(body)); ; {
		var m json.RawMessage
		switch err := d.Decode(&m); {
		case errors.Is(err, io.EOF):
			if len(messages) == 0 {
				return []json.RawMessage{json.RawMessage("{}")}, nil
			}
			return messages, nil
		case err != nil:
			return nil, err
		}
		messages = append(messages, m)
	}
}
