package rabbitmq

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const wantURL = "it must be an address such as amqp://user@broker.example.com:5672/vhost"

// config is a job's configuration, checked as far as possible without the broker.
type config struct {
	*keys.Config
	server   server
	host     string // for people
	queue    string
	exchange string
	create   bool
	durable  bool
	autoDel  bool
	alone    bool // the queue belongs to this connection
	message  amqp.Publishing
	timeout  time.Duration
}

// server is what executions must share to share a connection.
type server struct {
	url, user, password string // user and password, if set, replace those of the url
	tls                 keys.TLS
	files               [3]keys.Stamp
}

func parse(m map[string]string) *config {
	c := &config{Config: keys.Read(m), queue: m["queue.name"], exchange: m["exchange"]}
	c.server.url, c.server.user, c.server.password = m["url"], m["userName"], m["password"]
	switch {
	case len(m) == 0:
		c.hopeless("url", "RabbitMQ config is empty", "is empty; %s", wantURL)
	case m["url"] == "":
		c.hopeless("url", "RabbitMQ url is empty", "is empty; %s", wantURL)
	default:
		c.parseURL()
	}
	if c.queue == "" {
		c.hopeless("queue.name", "RabbitMQ queue name is empty", "is empty; it must be the name of a queue, or the routing key for exchange")
	}
	c.parseQueue()
	c.parseMessage()
	c.timeout = c.Timeout()
	c.Debug()
	return c
}

// hopeless reports why every execution fails: with the error failure, or with the key and the text if that is empty.
func (c *config) hopeless(key, failure, format string, args ...any) {
	var err error
	if failure != "" {
		err = errors.New(failure)
	}
	c.Fault(key, plugin.Hopeless, err, format, args...)
}

// parseURL finds addresses that nothing can be sent to. No text includes the address, which may have a password.
func (c *config) parseURL() {
	c.server.tls = c.TLS("tlsNoVerifyPeer")
	uri, err := amqp.ParseURI(c.server.url)
	switch wrong := (*url.Error)(nil); {
	case errors.As(err, &wrong):
		c.hopeless("url", "", "can't be parsed; %s, with %%-escapes in user and password", wantURL)
		return
	case err != nil:
		c.hopeless("url", "", "is not usable (%v); %s", err, wantURL)
		return
	}
	c.host = uri.Host + ":" + strconv.Itoa(uri.Port)
	if !c.server.tls.IsZero() && uri.Scheme != "amqps" {
		c.hopeless("url", "", "is without TLS, but keys of TLS are set; write amqps://, or remove them")
	}
	if (c.server.user == "") != (c.server.password == "") && c.server.user == "" {
		c.Warn("password", "has no effect without userName; set both, or write both into url")
	}
}

func (c *config) parseQueue() {
	if create := c.Text("queue.create"); c.Has("queue.create") {
		c.create = create != "false"
		if on, err := strconv.ParseBool(create); c.create && (err != nil || !on) {
			c.Warn("queue.create", `%s creates the queue, as any value but "false" does; write "true" or "false"`, plugin.Shown(create))
		}
	}
	c.durable, c.autoDel, c.alone = c.Bool("queue.durable", false), c.Bool("queue.auto_delete", false), c.Bool("queue.exclusive", false)
	for _, key := range []string{"queue.durable", "queue.auto_delete", "queue.exclusive"} {
		if c.Text(key) != "" && !c.create {
			c.Warn(key, "has no effect without queue.create")
		}
	}
	c.alone = c.alone && c.create
	if c.alone {
		c.Warn("queue.exclusive", "deletes the queue with its message when the execution ends; leave it out if somebody shall get the message")
	}
}

func (c *config) parseMessage() {
	c.message = amqp.Publishing{
		ContentType: c.Text("message.content_type"), MessageId: c.Text("message.messageId"), Body: []byte(c.Text("message.body")),
	}
	if c.message.ContentType == "" {
		c.message.ContentType = "text/plain"
	}
	c.parseBase64()
	if text := c.Text("message.delivery_mode"); text != "" {
		mode, err := strconv.ParseUint(text, 10, 8)
		switch {
		case err != nil:
			c.hopeless("message.delivery_mode", "", `%s is not a number, so every execution fails; write "2" for a message that survives a restart of the broker, or "1"`, plugin.Shown(text))
		case mode > uint64(amqp.Persistent):
			c.Warn("message.delivery_mode", "%d has no meaning; 2 is a message that survives a restart of the broker, 1 one that does not", mode)
		}
		c.message.DeliveryMode = uint8(mode)
	}
	for key, text := range map[string]string{"queue.name": c.queue, "exchange": c.exchange, "message.content_type": c.message.ContentType, "message.messageId": c.message.MessageId} {
		if len(text) > maxName {
			c.hopeless(key, "", "is longer than %d bytes, which AMQP can't carry, so every execution fails", maxName)
		}
	}
	for i, h := range c.Headers() {
		if len(h.Name) > maxName {
			c.hopeless("headers", "", "has a name in entry %d that is longer than %d bytes, so every execution fails", i+1, maxName)
			continue
		}
		if c.message.Headers == nil {
			c.message.Headers = make(amqp.Table)
		}
		c.message.Headers[h.Name] = h.Value
	}
}

// maxName is the longest name in AMQP.
const maxName = 255

// parseBase64 reads a body of bytes, of either name. An empty one is none.
func (c *config) parseBase64() {
	key, text := "message.base64Body", c.Text("message.base64Body")
	other := c.Text("message.base64")
	switch {
	case text == "":
		key, text = "message.base64", other
	case other != "" && other != text:
		c.hopeless("message.base64", "", "and message.base64Body are both set, so every execution fails; set one")
		return
	}
	if text == "" {
		return
	}
	if c.Text("message.body") != "" {
		c.hopeless(key, "RabbitMQ message.body and message.base64Body are both set", "and message.body are both set, so every execution fails; set one")
		return
	}
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		c.hopeless(key, err.Error(), "is not base64 (%v), so every execution fails; encode the bytes, for example with base64 -w0", err)
		return
	}
	c.message.Body = body
}

// target is where the message goes, for people.
func (c *config) target() string {
	if c.exchange == "" {
		return fmt.Sprintf("queue %q", c.queue)
	}
	return fmt.Sprintf("exchange %q with the key %q", c.exchange, c.queue)
}

// secret replaces what nobody may see in an error.
func (c *config) secret(text string) string {
	for _, s := range []string{c.server.url, c.server.password} {
		if s != "" {
			text = strings.ReplaceAll(text, s, "[redacted]")
		}
	}
	return keys.Short(text)
}
