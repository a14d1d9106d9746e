package dkron

import (
	"time"

	"dkron/internal/codec"
)

// Types of stored channels, in addition to mail and webhook.
const (
	ChannelSlack     = "slack"
	ChannelTeams     = "teams"
	ChannelPagerDuty = "pagerduty"
	ChannelNtfy      = "ntfy"
	ChannelJob       = "job"
)

// MaxChannels, MaxRules and MaxSilences are how many of each may be stored. Each rule is looked at when a launch ends.
const (
	MaxChannels = 100
	MaxRules    = 200
	MaxSilences = 1000
)

// Channel is a stored way to reach people. Its type says which settings it has. A secret in them is a reference, such as
// ${env:NAME}, which is resolved on the server that sends.
type Channel struct {
	Name     string
	Type     string
	Settings map[string]string

	Revision  uint64
	UpdatedAt time.Time
	UpdatedBy string
}

// Fields describes the wire form.
func (c *Channel) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Name)
	w.String(2, &c.Type)
	w.Map(3, &c.Settings)
	w.Uint(4, &c.Revision)
	w.Time(5, &c.UpdatedAt)
	w.String(6, &c.UpdatedBy)
}

// ChannelStat is what came of the messages of a channel.
type ChannelStat struct {
	Channel     string
	ComposedAt  time.Time // of its newest message, tests excluded
	Message     uint64    // the newest message, tests excluded
	Sent        uint64
	Failed      uint64 // given up
	LastError   string
	LastErrorAt time.Time
	SentAt      time.Time
}

// Fields describes the wire form.
func (s *ChannelStat) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &s.Channel)
	w.Time(2, &s.ComposedAt)
	w.Uint(3, &s.Message)
	w.Uint(4, &s.Sent)
	w.Uint(5, &s.Failed)
	w.String(6, &s.LastError)
	w.Time(7, &s.LastErrorAt)
	w.Time(8, &s.SentAt)
}

// MessagePause is the pause between two messages of a channel: at most ten a minute. What happens meanwhile becomes one message.
const MessagePause = 6 * time.Second

// ComposesAt returns when the channel may get its next message, as far as the pause is concerned. A clock that went back
// does not silence it.
func (s *ChannelStat) ComposesAt(now time.Time) time.Time {
	if s.ComposedAt.After(now) {
		return now
	}
	return s.ComposedAt.Add(MessagePause)
}
