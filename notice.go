package dkron

import "slices"

// Channels through which people, or the services that they use, are notified.
const (
	ChannelMail       = "mail"
	ChannelWebhook    = "webhook"
	ChannelPreWebhook = "pre-webhook"
	ChannelCronitor   = "cronitor"
)

// What a notice is about.
const (
	DeliverStart DeliveryKind = "start" // an execution starts
	DeliverEnd   DeliveryKind = "end"   // an execution ended, and there is no further attempt; or a launch had no node
)

// Notifies reports whether the delivery goes to channels, not to processors.
func (k DeliveryKind) Notifies() bool { return k == DeliverStart || k == DeliverEnd }

// Uses reports whether deliveries of this kind go through a channel.
func (k DeliveryKind) Uses(channel string) bool {
	switch k {
	case DeliverStart:
		return channel == ChannelPreWebhook || channel == ChannelCronitor
	case DeliverEnd:
		return channel == ChannelMail || channel == ChannelWebhook || channel == ChannelCronitor
	case DeliverOutput:
	}
	return false
}

// Notice is what a channel sends, as it is known when it is sent.
type Notice struct {
	ID        string // the same whenever the same notice is sent, in one cluster; see NoticeID
	Kind      DeliveryKind
	To        string // addresses of the job's owner
	Reporting string // the node that sends it
	Execution *Execution
	Launch    []*Execution // all executions of its launch that are known, without outputs; none at its start
}

// NoticeID names a notice within its cluster. It follows from what happened, so that whoever sends it uses the same.
func NoticeID(kind DeliveryKind, e *Execution) string {
	if e.NodeName == "" { // of a launch that had no node
		return e.LaunchID() + "/" + string(kind)
	}
	return e.JobName + "/" + e.ID() + "/" + string(kind)
}

// Channels returns those of the given channels that are for a kind of delivery.
func (k DeliveryKind) Channels(all []string) (some []string) {
	for _, c := range all {
		if k.Uses(c) && !slices.Contains(some, c) {
			some = append(some, c)
		}
	}
	return some
}
