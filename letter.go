package dkron

import (
	"strings"
	"time"
)

// A dead letter is a notice that a channel of the settings could not send. It is kept as a message, among those of stored channels.

// settingsPrefix begins the names under which messages have the channels of the settings. No stored channel can have such a name.
const settingsPrefix = "settings:"

// SettingsChannel returns the name under which messages have a channel of the settings.
func SettingsChannel(channel string) string { return settingsPrefix + channel }

// MaxLetterOutput is how much of an output a dead letter holds, its end. Only that of an ephemeral or deleted job holds any.
const MaxLetterOutput = 16 << 10

// Setting returns the setting that makes a channel of the settings, by its name alone or as messages have it; "" if it is none.
func Setting(channel string) string {
	switch strings.TrimPrefix(channel, settingsPrefix) {
	case ChannelMail:
		return "mail-host"
	case ChannelWebhook:
		return "webhook-endpoint"
	case ChannelPreWebhook:
		return "pre-webhook-endpoint"
	case ChannelCronitor:
		return "cronitor-endpoint"
	}
	return ""
}

// Setting returns the setting through which the message goes, "" if that is a stored channel.
func (m *Message) Setting() string {
	if m.Notice == nil {
		return ""
	}
	return Setting(m.Channel)
}

// Stale returns why a message must not be sent again, "" if it may be. A receiver takes what these channels say for what happens
// at that moment.
func (m *Message) Stale() string {
	if m.Notice == nil {
		return ""
	}
	switch strings.TrimPrefix(m.Channel, settingsPrefix) {
	case ChannelPreWebhook:
		return "it said that a run starts; sent now, it would say so of a run that started long ago"
	case ChannelCronitor:
		return "Cronitor takes a ping for what happens when it arrives; sent now, it would report a run of another time"
	}
	return ""
}

// NewLetter returns the dead letter of a notice that a channel could not send, and that was given up now.
func NewLetter(d *Delivery, channel, reason string, now time.Time) *Message {
	kept := &Delivery{
		Kind: d.Kind, Job: d.Job, JobNumber: d.JobNumber, Execution: d.Execution, At: d.At, Owner: d.Owner,
		Targets: []DeliveryTarget{{Name: channel}},
	}
	m := &Message{Channel: SettingsChannel(channel), At: now, Since: d.At, State: MessageFailed, Error: reason, EndedAt: now, Total: 1, Notice: kept}
	if t := d.Target(channel); t != nil {
		m.Attempts = t.Attempts
	}
	o := Occurrence{Job: d.Job, JobNumber: d.JobNumber, Event: AlertStarted, Count: 1, First: d.At, Last: d.At, Execution: d.Execution, Severity: SeverityInfo}
	if d.Copy != nil {
		c := *d.Copy
		if over := len(c.Output) - MaxLetterOutput; over > 0 {
			c.Output = append([]byte(nil), c.Output[over:]...)
		}
		kept.Copy, o.Group = &c, c.Group
		if d.Kind == DeliverEnd {
			o.Reason = c.Error
		}
	}
	switch {
	case d.Kind != DeliverEnd:
	case d.Copy != nil && d.Copy.Outcome == Success:
		o.Event = AlertSucceeded
	default:
		o.Event, o.Severity = AlertFailed, SeverityWarning
	}
	m.Occurrences = []Occurrence{o}
	return m
}

// Again returns a delivery that sends a dead letter again. Its id is that of the first attempt.
func (m *Message) Again(now time.Time) *Delivery {
	d := *m.Notice
	d.Message, d.At, d.Targets = m.Number, now, []DeliveryTarget{{Name: strings.TrimPrefix(m.Channel, settingsPrefix)}}
	return &d
}
