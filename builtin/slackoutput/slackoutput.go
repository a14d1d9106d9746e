// Package slackoutput is the processor that posts the outcomes of executions to Slack, or to what takes the same messages.
package slackoutput

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"dkron/builtin/internal/named"
	"dkron/builtin/internal/post"
	"dkron/internal/reach"
	"dkron/plugin"
	"dkron/plugin/keys"
)

// Processor posts messages to the webhooks of a file.
type Processor struct {
	file   *named.File
	client *post.Client

	mu     sync.Mutex // guards paused
	paused map[string]time.Time
}

// entryKeys are the keys of an entry of the file.
var entryKeys = []string{"webhook_url", "bot_name"}

// New returns the processor. Its file is in one of the directories, and it calls the addresses that the policy admits.
func New(dirs []string, policy *reach.Policy, log *slog.Logger) *Processor {
	return &Processor{
		file:   named.Open(named.Kind{Processor: "slack", Keys: entryKeys, Check: checkEntry}, dirs, log),
		client: post.New(policy, nil), paused: make(map[string]time.Time),
	}
}

// checkEntry returns the problems of an entry. The address is a secret: whoever knows it can post.
func checkEntry(values map[string]string) []plugin.Problem {
	u, err := url.Parse(values["webhook_url"])
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return nil
	}
	return []plugin.Problem{{Key: "webhook_url", Severity: plugin.Hopeless,
		Text: "is not an address; write that of an incoming webhook, which begins with https://hooks.slack.com/services/"}}
}

// Describe returns the description of the keys.
func (p *Processor) Describe() json.RawMessage {
	forward := plugin.ForwardProperty()
	forward.Default, forward.Advanced = "true", true
	forward.Description = "Whether the output of the execution stays as it is. If it is false and a message was posted, a text that says where replaces it."
	return plugin.Schema{
		Description: "Posts the outcome and the end of the output to Slack, from the server that leads.",
		Properties: []plugin.Property{
			{
				Name: "team", Title: "Team", Required: true, Examples: []string{"ops"},
				Description: "Name of an entry of the file dkron-processor-slack.yml on the servers, which has the address of a webhook.",
			},
			{
				Name: "channel", Title: "Channel", Examples: []string{"#alerts"},
				Description: "Where the message is shown. Without it, the channel of the webhook; one of an app of Slack has no other.",
			},
			{
				Name: "onSuccess", Title: "After successes too", Default: "false", Format: plugin.Boolean,
				Description: "Whether a message is posted when the execution succeeded. Otherwise only when it did not.",
			},
			forward, plugin.OnProperty(), plugin.OrderProperty(),
		},
	}.JSON()
}

// config is a job's configuration.
type config struct {
	team, channel string
	onSuccess     bool
	err           error
}

func read(values map[string]string) (c config, found []plugin.Problem) {
	k := keys.Read(values)
	c.channel = values["channel"]
	if c.team = values["team"]; c.team == "" {
		k.Fault("team", plugin.Odd, nil, "is empty, so nothing is posted; write the name of an entry of dkron-processor-slack.yml")
	}
	c.onSuccess = k.Bool("onSuccess", false)
	c.err = k.Err()
	return c, k.Problems()
}

// Close ends idle connections.
func (p *Processor) Close() { p.client.Close() }

// Check returns the problems of a configuration.
func (p *Processor) Check(config map[string]string) []plugin.Problem {
	_, found := read(config)
	return append(plugin.CheckForward(config), found...)
}

// Process posts the message.
func (p *Processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	c, _ := read(req.Config)
	if req.Success && !c.onSuccess {
		return new(plugin.ProcessResponse), nil
	}
	if c.err != nil {
		return nil, c.err
	}
	entry, err := p.file.Entry(c.team)
	if err != nil {
		return nil, err
	}
	document, err := json.Marshal(compose(req, entry["bot_name"], c.channel))
	if err != nil {
		return nil, err
	}
	if err := p.post(ctx, c.team, entry["webhook_url"], document); err != nil {
		return nil, err
	}
	where := "Outcome posted to " + c.team
	if c.channel != "" {
		where += " " + c.channel
	}
	return req.Copied(where), nil
}

// post posts a message, unless the service has asked to wait.
func (p *Processor) post(ctx context.Context, team, address string, document []byte) error {
	if wait := p.wait(address); wait > 0 {
		return fmt.Errorf("the webhook of %s takes no messages for another %s, as it has said; it is tried again after that", team, plugin.InWords(wait.Round(time.Second)))
	}
	answer, err := p.client.Do(ctx, post.Call{Method: http.MethodPost, URL: address, Document: document})
	if err != nil {
		return p.unreachable(ctx, team, address, err)
	}
	text := fmt.Sprintf("the webhook of %s answered %d %s", team, answer.Status, http.StatusText(answer.Status))
	if body := keys.Short(string(answer.Body)); body != "" {
		text += ": " + cut(body, maxAnswer)
	}
	switch status := answer.Status; {
	case status < 300:
		return nil
	case status == http.StatusTooManyRequests:
		p.pause(address, answer.RetryAfter)
		return fmt.Errorf("%s; it is tried again, not before %s have passed", text, plugin.InWords(answer.RetryAfter))
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status >= 500, status < 400:
		return fmt.Errorf("%s", text)
	default:
		return fmt.Errorf("%s: %w", text, plugin.ErrUndeliverable)
	}
}

// unreachable returns an error without the address, which is a secret but for its host.
func (p *Processor) unreachable(ctx context.Context, team, address string, err error) error {
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	if wrapped, ok := err.(*url.Error); ok { // the outermost one has the address
		err = wrapped.Err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the webhook of %s at %s did not answer in time", team, host)
	}
	text := "the webhook of " + team + " at " + host + ": " + keys.Short(err.Error())
	if advice := keys.Advice(text, host); advice != "" {
		text += "; " + advice
	}
	return fmt.Errorf("%s", text)
}

// maxPaused is how many webhooks are remembered that have asked to wait.
const maxPaused = 1000

// pause remembers that a webhook has asked to wait.
func (p *Processor) pause(address string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait > 0 && len(p.paused) < maxPaused {
		p.paused[address] = time.Now().Add(wait)
	}
}

// wait returns how long a webhook takes no messages.
func (p *Processor) wait(address string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := time.Until(p.paused[address])
	if wait <= 0 {
		delete(p.paused, address)
	}
	return wait
}
