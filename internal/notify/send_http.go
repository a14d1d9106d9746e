package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dkron"
	"dkron/plugin"
)

// secretURL is the address of a webhook whose path is the secret.
func secretURL(what string) plugin.Property {
	return plugin.Property{
		Name: "url", Title: "URL", Required: true, Format: plugin.Password, Description: "The address of " + what + ", by reference: whoever has it can post there.",
		Examples: []string{"${env:ALERTS_URL}", "${file:/etc/dkron/alerts-url}"},
	}
}

// post sends a document. status of 400 or more is an error.
func (m *outgoing) post(ctx context.Context, address string, headers map[string]string, document []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(document))
	if err != nil {
		return errors.New("the address can't be called")
	}
	for name, value := range headers {
		if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
			return refusal(fmt.Sprintf("the header %.64q can't be sent", name))
		}
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", "dkron")
	req.Header.Set(IDHeader, m.ID)
	return m.outbox.options.do(req)
}

// opens returns the page that a message as a whole leads to: the launch if it is about one, else all alerts; "" if there is no page.
func (m *outgoing) opens() string {
	switch {
	case m.Link == "":
		return ""
	case len(m.Items) == 1 && m.More == 0 && m.Items[0].Link != "":
		return m.Items[0].Link
	}
	return m.Link + "/ui/notifications"
}

// do makes a request.
func (o *Options) do(req *http.Request) error {
	resp, err := o.client.Do(req)
	if err != nil {
		return withoutURL(req, err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode < http.StatusBadRequest {
		return nil
	}
	text := fmt.Sprintf("%s answered %s", req.URL.Host, resp.Status)
	if words := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer), "?")), " "); words != "" {
		text += ": " + strings.ToValidUTF8(words[:min(len(words), 200)], "")
	}
	if final(resp.StatusCode) {
		return refusal(text)
	}
	return errors.New(text)
}

// Call calls an address once: with a body, which is JSON, by POST, else by GET. The id is in the header of notices, unless it is empty.
// A status of 400 or more is an error; none has the address in it.
func (o *Outbox) Call(ctx context.Context, address, id string, body []byte) error {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address can't be called")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if id != "" {
		req.Header.Set(IDHeader, id)
	}
	return o.options.do(req)
}

func (m *outgoing) postJSON(ctx context.Context, address string, v any) error {
	document, err := json.Marshal(v)
	if err != nil {
		return refusal(err.Error())
	}
	return m.post(ctx, address, map[string]string{"Content-Type": "application/json"}, document)
}

var hookSchema = plugin.Schema{
	Description: "Posts each message to an address: as JSON, or as its template makes it.",
	Properties: []plugin.Property{
		{
			Name: "url", Title: "URL", Required: true, Description: "The address of the receiver. If it is a secret, refer to one that the servers have.",
			Examples: []string{"https://example.com/hook", "${env:ALERTS_URL}"},
		},
		{
			Name: "headers", Title: "Headers", Format: plugin.Multiline, Description: "One header in each line, written Name: value.",
			Examples: []string{"Authorization: Bearer ${env:ALERTS_TOKEN}"},
		},
	},
}

func sendHook(ctx context.Context, m *outgoing) error {
	headers := map[string]string{"Content-Type": "application/json"}
	for i, line := range strings.Split(m.settings["headers"], "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return refusal(fmt.Sprintf("settings.headers: line %d has no colon; write Name: value", i+1))
		}
		headers[http.CanonicalHeaderKey(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	if m.settings["body"] == "" {
		document, err := json.Marshal(messageView(m.Brief))
		if err != nil {
			return refusal(err.Error())
		}
		return m.post(ctx, m.settings["url"], headers, document)
	}
	text, err := m.body()
	if err != nil {
		return err
	}
	return m.post(ctx, m.settings["url"], headers, []byte(text))
}

var slackSchema = plugin.Schema{
	Description: "Posts each message to a channel of Slack, through an incoming webhook.",
	Properties:  []plugin.Property{secretURL("an incoming webhook of Slack")},
}

// maxSlack is how many characters a block of Slack may have: 3,000, less what is added.
const maxSlack = 2900

func sendSlack(ctx context.Context, m *outgoing) error {
	subject, err := m.subject()
	if err != nil {
		return err
	}
	body, err := m.body()
	if err != nil {
		return err
	}
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	section := func(text string) map[string]any {
		return map[string]any{"type": "section", "text": map[string]string{"type": "mrkdwn", "text": text}}
	}
	blocks := []any{section("*" + escape(cut(subject, 500)) + "*")}
	if body != "" {
		blocks = append(blocks, section(cut(escape(body), maxSlack)))
	}
	return m.postJSON(ctx, m.settings["url"], map[string]any{"text": escape(cut(subject, 500)), "blocks": blocks})
}

// cut shortens a text to so many bytes.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}

var teamsSchema = plugin.Schema{
	Description: "Posts each message to a channel of Microsoft Teams, as an adaptive card through a workflow's webhook.",
	Properties:  []plugin.Property{secretURL("a workflow's webhook of Teams")},
}

// maxTeams keeps a card below the 28 KB that Teams takes.
const maxTeams = 20_000

func sendTeams(ctx context.Context, m *outgoing) error {
	subject, err := m.subject()
	if err != nil {
		return err
	}
	body, err := m.body()
	if err != nil {
		return err
	}
	color := map[dkron.AlertSeverity]string{dkron.SeverityCritical: "attention", dkron.SeverityWarning: "warning"}[worst(m.Brief)]
	if color == "" {
		color = "default"
	}
	card := map[string]any{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
		"body": []any{
			map[string]any{"type": "TextBlock", "text": cut(subject, 500), "weight": "bolder", "color": color, "wrap": true},
			map[string]any{"type": "TextBlock", "text": cut(body, maxTeams), "wrap": true, "fontType": "monospace"},
		},
	}
	if at := m.opens(); at != "" {
		card["actions"] = []any{map[string]any{"type": "Action.OpenUrl", "title": "Open", "url": at}}
	}
	return m.postJSON(ctx, m.settings["url"], map[string]any{
		"type":        "message",
		"attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}},
	})
}

var pagerDutySchema = plugin.Schema{
	Description: "Opens and resolves incidents of PagerDuty (Events API v2): one for each rule and job.",
	Properties: []plugin.Property{
		{
			Name: "routing_key", Title: "Integration key", Required: true, Format: plugin.Password,
			Description: "The integration key of the service, by reference.", Examples: []string{"${env:PAGERDUTY_KEY}"},
		},
		{
			Name: "url", Title: "URL", Advanced: true, Default: pagerDutyURL, Description: "Where events are posted.",
			Examples: []string{"https://events.eu.pagerduty.com/v2/enqueue"},
		},
	},
}

const pagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

// sendPagerDuty sends an event for each item. An attempt goes on after the last item that the attempt before it has sent, since many
// events may take longer than one attempt has.
func sendPagerDuty(ctx context.Context, m *outgoing) error {
	at := m.settings["url"]
	if at == "" {
		at = pagerDutyURL
	}
	for i := range m.Items {
		part := []string{strconv.Itoa(i)}
		if len(m.outbox.served.left(m.ID, part)) == 0 {
			continue
		}
		it := &m.Items[i]
		action := "trigger"
		if it.Event.Over() {
			action = "resolve"
		}
		text := it.Title()
		if it.Reason != "" {
			text += ": " + it.Reason
		}
		if it.Event == dkron.AlertTest {
			text = "test of the channel " + m.Channel + "; nothing is wrong"
		}
		if i == 0 && m.More > 0 {
			text += fmt.Sprintf("; and %d more that have no incident", m.More)
		}
		event := map[string]any{
			"routing_key": m.settings["routing_key"], "event_action": action, "dedup_key": cut(m.Cluster+"/"+it.Rule+"/"+it.Job, 250),
			"payload": map[string]any{
				"summary": cut(text, 1000), "source": m.Cluster + " " + m.Reporting, "severity": severity(it.Severity),
				"timestamp": it.Last.UTC(), "component": it.Job, "class": it.Event,
				"custom_details": map[string]any{"rule": it.Rule, "count": it.Count, "owner": it.Owner, "output": strings.Join(it.Lines, "\n")},
			},
		}
		if it.Link != "" {
			event["links"] = []any{map[string]string{"href": it.Link, "text": "Open"}}
		}
		if err := m.postJSON(ctx, at, event); err != nil {
			return err
		}
		m.outbox.served.add(m.ID, part...)
	}
	m.outbox.served.forget(m.ID)
	return nil
}

var ntfySchema = plugin.Schema{
	Description: "Publishes each message to a topic of ntfy.",
	Properties: []plugin.Property{
		{Name: "topic", Title: "Topic", Required: true, Description: "The topic. Whoever knows its name can read it.", Examples: []string{"dkron-alerts", "${env:NTFY_TOPIC}"}},
		{Name: "server", Title: "Server", Default: "https://ntfy.sh", Description: "The address of the server."},
		{Name: "token", Title: "Access token", Format: plugin.Password, Description: "For a topic that needs a login, by reference.", Examples: []string{"${env:NTFY_TOKEN}"}},
	},
}

func sendNtfy(ctx context.Context, m *outgoing) error {
	server := m.settings["server"]
	if server == "" {
		server = "https://ntfy.sh"
	}
	subject, err := m.subject()
	if err != nil {
		return err
	}
	body, err := m.body()
	if err != nil {
		return err
	}
	priority := map[dkron.AlertSeverity]int{dkron.SeverityInfo: 2, dkron.SeverityWarning: 3, dkron.SeverityCritical: 5}[worst(m.Brief)]
	headers := map[string]string{
		"Title": "=?utf-8?q?" + quoted(cut(subject, 200)) + "?=", "Priority": strconv.Itoa(priority), "Content-Type": "text/plain; charset=utf-8",
	}
	if at := m.opens(); at != "" {
		headers["Click"] = at
	}
	if token := m.settings["token"]; token != "" {
		headers["Authorization"] = "Bearer " + token
	}
	return m.post(ctx, strings.TrimRight(server, "/")+"/"+url.PathEscape(m.settings["topic"]), headers, []byte(cut(body, 3900))) // ntfy makes a file of more than 4,096
}

// quoted writes a text for a header as RFC 2047 has it.
func quoted(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

var jobSchema = plugin.Schema{
	Description: "Runs a job for each message. The job gets the message as JSON in its payload, and in the environment.",
	Properties: []plugin.Property{
		{Name: "job", Title: "Job", Required: true, Description: "The job. It may run twice for one message; DKRON_MESSAGE_ID is then the same.", Examples: []string{"tell-the-team"}},
	},
}

func sendJob(ctx context.Context, m *outgoing) error {
	for i := range m.Items {
		if m.Items[i].Job == m.settings["job"] {
			return refusal("the message is about the job " + m.settings["job"] + " itself, which is not run because of its own alert")
		}
	}
	text, err := m.body()
	if err != nil {
		return err
	}
	if m.settings["body"] == "" {
		if text, err = payload(messageView(m.Brief)); err != nil {
			return refusal(err.Error())
		}
	}
	if m.outbox.launch == nil {
		return errors.New("this server can't run jobs")
	}
	subject, err := m.subject()
	if err != nil {
		return err
	}
	env := map[string]string{"DKRON_MESSAGE_ID": m.ID, "DKRON_MESSAGE_TITLE": subject}
	err = m.outbox.launch(ctx, m.settings["job"], env, text)
	if errors.Is(err, dkron.ErrNotFound) || errors.Is(err, dkron.ErrInvalid) {
		return refusal(fmt.Sprintf("job %q can't be run: %v", m.settings["job"], err))
	}
	return err
}

// payload returns a message as JSON that a launch can have. Of a long one, outputs and then items are left out.
func payload(d *messageData) (string, error) {
	for lines := true; ; lines = false {
		document, err := json.Marshal(d)
		if err != nil || len(document) <= dkron.MaxPayload || len(d.Items) == 0 {
			return string(document), err
		}
		if !lines {
			d.Items = d.Items[:len(d.Items)-1]
			d.More++
			continue
		}
		for i := range d.Items {
			d.Items[i].Lines = []string{}
		}
	}
}
