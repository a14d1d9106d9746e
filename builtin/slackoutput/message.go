package slackoutput

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"dkron/plugin"
)

const (
	// maxLines and maxText bound the end of the output in a message.
	maxLines = 20
	maxText  = 3000
	// maxAnswer is how many bytes of an answer are repeated.
	maxAnswer = 200
)

// message is what an incoming webhook takes.
type message struct {
	Username    string       `json:"username,omitempty"`
	Channel     string       `json:"channel,omitempty"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	Fallback string   `json:"fallback"` // where only text is shown
	Color    string   `json:"color"`
	Title    string   `json:"title"`
	Fields   []field  `json:"fields"`
	Text     string   `json:"text,omitempty"`
	Markdown []string `json:"mrkdwn_in"` // the only parts that have markup
	Time     int64    `json:"ts,omitempty"`
}

type field struct {
	Title string `json:"title"`
	Value string `json:"value"`
	Short bool   `json:"short"`
}

// compose returns the message about a result.
func compose(req *plugin.ProcessRequest, name, channel string) message {
	outcome, color := "Failed", "danger"
	if req.Success {
		outcome, color = "Success", "good"
	}
	title := escape(outcome + " " + req.JobName)
	a := attachment{
		Fallback: title + " on " + escape(req.NodeName), Color: color, Title: title, Markdown: []string{"text"},
		Fields: []field{
			{"Job", escape(req.JobName), true}, {"Node", escape(req.NodeName), true},
			{"Outcome", escape(req.Outcome), true}, {"Attempt", fmt.Sprint(req.Attempt), true},
			{"Started", moment(req.StartedAt), true}, {"Finished", moment(req.FinishedAt), true},
		},
	}
	if !req.FinishedAt.IsZero() {
		a.Time = req.FinishedAt.Unix()
	}
	if req.Error != "" {
		a.Fields = append(a.Fields, field{"Error", escape(cut(req.Error, maxText)), false})
	}
	if end := lastLines(req.Output); end != "" {
		a.Text = "```" + escape(end) + "```"
	}
	return message{Username: name, Channel: channel, Attachments: []attachment{a}}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// escape returns text without markup: Slack gives a meaning to these three signs, and to three backquotes in a block.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "```", "'''").Replace(text)
}

// lastLines returns the end of an output.
func lastLines(output []byte) string {
	output = bytes.TrimSpace(output)
	whole := len(output)
	output = output[max(0, whole-maxText):]
	lines := bytes.Split(output, []byte("\n"))
	if len(output) < whole && len(lines) > 1 {
		lines = lines[1:] // the first is a part of one
	}
	lines = lines[max(0, len(lines)-maxLines):]
	text := strings.ToValidUTF8(string(bytes.Join(lines, []byte("\n"))), "\ufffd")
	if len(text) < whole {
		text = "…\n" + text
	}
	return text
}

// cut returns text with at most so many bytes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
