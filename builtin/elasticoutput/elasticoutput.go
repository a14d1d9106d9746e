// Package elasticoutput is the processor that stores results as documents in Elasticsearch, or in what has the same API.
package elasticoutput

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dkron/builtin/internal/named"
	"dkron/builtin/internal/post"
	"dkron/internal/reach"
	"dkron/plugin"
	"dkron/plugin/keys"
)

// Processor stores documents.
type Processor struct {
	file   *named.File
	policy *reach.Policy
	client *post.Client // of those without keys of TLS
}

// New returns the processor. Its file is in one of the directories, and it calls the addresses that the policy admits.
func New(dirs []string, policy *reach.Policy, log *slog.Logger) *Processor {
	return &Processor{
		file:   named.Open(named.Kind{Processor: "elasticsearch", Keys: entryKeys, Check: checkEntry}, dirs, log),
		policy: policy, client: post.New(policy, nil),
	}
}

// Close ends idle connections.
func (p *Processor) Close() { p.client.Close() }

// Check returns the problems of a configuration.
func (p *Processor) Check(config map[string]string) []plugin.Problem {
	return append(plugin.CheckForward(config), checkJob(config)...)
}

// Process stores the document. Another try overwrites it.
func (p *Processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	values := req.Config
	if name := values["config"]; name != "" {
		var err error
		if values, err = p.file.Entry(name); err != nil {
			return nil, err
		}
	}
	c, _ := read(values)
	if c.err != nil {
		return nil, c.err
	}
	client := p.client
	if !c.tls.IsZero() {
		config, err := c.tls.Config()
		if err != nil {
			return nil, err
		}
		client = post.New(p.policy, config)
		defer client.Close()
	}
	document, err := json.Marshal(newDocument(req))
	if err != nil {
		return nil, err
	}
	index, id := c.indexFor(req), idOf(req)
	call := post.Call{
		Method: http.MethodPut, Username: c.username, Password: c.password, Document: document,
		URL: "/" + url.PathEscape(index) + "/_doc/" + url.PathEscape(id),
	}
	if err := store(ctx, client, c.urls, call); err != nil {
		return nil, err
	}
	return req.Replace("Output in elasticsearch, index " + index + ", document " + id), nil
}

// store tries the servers in turn. Each gets its part of the time that is left.
func store(ctx context.Context, client *post.Client, urls []string, call post.Call) error {
	var all []error
	path := call.URL
	for i, base := range urls {
		each, cancel := ctx, context.CancelFunc(func() {})
		if deadline, ok := ctx.Deadline(); ok {
			each, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(len(urls)-i))
		}
		call.URL = strings.TrimRight(base, "/") + path
		err := try(each, client, base, call)
		cancel()
		if err == nil || errors.Is(err, plugin.ErrUndeliverable) {
			return err
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// try makes one call.
func try(ctx context.Context, client *post.Client, base string, call post.Call) error {
	shown := keys.RedactText(base)
	answer, err := client.Do(ctx, call)
	if err != nil {
		if wrapped, ok := err.(*url.Error); ok { // the outermost one has the address
			err = wrapped.Err
		}
		if ctx.Err() != nil {
			err = errors.New("no answer in time")
		}
		text := shown + ": " + keys.Short(err.Error())
		if advice := keys.Advice(text, shown); advice != "" {
			text += "; " + advice
		}
		return errors.New(text)
	}
	if answer.Status/100 == 2 {
		return nil
	}
	text := fmt.Sprintf("%s answered %d %s", shown, answer.Status, http.StatusText(answer.Status))
	if reason := reasonOf(answer.Body); reason != "" {
		text += ": " + reason
	}
	switch answer.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusConflict:
		return fmt.Errorf("%s: %w", text, plugin.ErrUndeliverable) // it is about this document
	case http.StatusUnauthorized, http.StatusForbidden:
		text += "; check username and password"
	}
	return errors.New(text)
}

// reasonOf returns what an answer says went wrong.
func reasonOf(body []byte) string {
	var answer struct {
		Error struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Error.Reason != "" {
		return keys.Short(answer.Error.Type + ": " + answer.Error.Reason)
	}
	return keys.Short(string(body))
}

// document is what is stored.
type document struct {
	Timestamp     *time.Time `json:"@timestamp,omitempty"` // the end
	JobName       string     `json:"job_name"`
	NodeName      string     `json:"node_name"`
	ReportingNode string     `json:"reporting_node"`
	LaunchID      string     `json:"launch_id"`
	ExecutionID   string     `json:"execution_id"`
	Group         int64      `json:"group"`
	Attempt       int        `json:"attempt"`
	ScheduledAt   *time.Time `json:"scheduled_at,omitempty"`
	StartedAt     *time.Time `json:"started_at,omitempty"`
	FinishedAt    *time.Time `json:"finished_at,omitempty"`
	Success       bool       `json:"success"`
	Outcome       string     `json:"outcome"`
	Error         string     `json:"error,omitempty"`
	Output        string     `json:"output"`
}

func newDocument(req *plugin.ProcessRequest) document {
	return document{
		known(req.FinishedAt), req.JobName, req.NodeName, req.ReportingNode, req.LaunchID, req.ExecutionID, req.Group, req.Attempt,
		known(req.ScheduledAt), known(req.StartedAt), known(req.FinishedAt), req.Success, req.Outcome, req.Error, string(req.Output),
	}
}

// known returns nil for no time: an index may take only real ones.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// maxID is how many bytes the id of a document may have.
const maxID = 512

// idOf returns the id of the document, the same at each try.
func idOf(req *plugin.ProcessRequest) string {
	id := req.JobName + "-" + req.ExecutionID
	if len(id) <= maxID {
		return id
	}
	digest := sha256.Sum256([]byte(id))
	return hex.EncodeToString(digest[:])
}
