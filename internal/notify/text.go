package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dkron"
)

// messageData is what a channel's templates see, and what a webhook without one sends as JSON.
type messageData struct {
	ID      string     `json:"id"`
	Number  uint64     `json:"number"`
	Channel string     `json:"channel"`
	Cluster string     `json:"cluster"`
	At      time.Time  `json:"at"`
	Test    bool       `json:"test"`
	Title   string     `json:"title"`
	Link    string     `json:"link"`
	Items   []itemData `json:"items"`
	More    uint64     `json:"more"`  // items that are not listed
	Total   uint64     `json:"total"` // repetitions included
}

type itemData struct {
	Title     string    `json:"title"`
	Event     string    `json:"event"`
	Severity  string    `json:"severity"`
	Rule      string    `json:"rule"`
	Job       string    `json:"job"`
	Owner     string    `json:"owner"`
	Count     uint64    `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Reason    string    `json:"reason"`
	Lines     []string  `json:"lines"`
	Link      string    `json:"link"`
	Alert     uint64    `json:"alert"`
	Recovered bool      `json:"recovered"`
}

func messageView(b *dkron.Brief) *messageData {
	d := &messageData{
		ID: b.ID, Number: b.Number, Channel: b.Channel, Cluster: b.Cluster, At: b.At.UTC(), Test: b.Test, Title: summary(b), Link: b.Link,
		Items: []itemData{}, More: b.More, Total: b.Total,
	}
	for i := range b.Items {
		it := &b.Items[i]
		d.Items = append(d.Items, itemData{
			Title: it.Title(), Event: string(it.Event), Severity: string(severity(it.Severity)), Rule: it.Rule, Job: it.Job, Owner: it.Owner,
			Count: it.Count, First: it.First.UTC(), Last: it.Last.UTC(), Reason: it.Reason, Lines: append([]string{}, it.Lines...), Link: it.Link,
			Alert: it.Alert, Recovered: it.Event.Over(),
		})
	}
	return d
}

// severity returns a severity that is never empty.
func severity(s dkron.AlertSeverity) dkron.AlertSeverity {
	if s == "" {
		return dkron.SeverityWarning
	}
	return s
}

// worst returns the highest severity in a message.
func worst(b *dkron.Brief) dkron.AlertSeverity {
	found := dkron.SeverityInfo
	for i := range b.Items {
		if is := severity(b.Items[i].Severity); is.Rank() > found.Rank() {
			found = is
		}
	}
	return found
}

// summary says in one line what a message is about.
func summary(b *dkron.Brief) string {
	if b.Test {
		return "Test of the channel " + b.Channel
	}
	if len(b.Items) == 0 {
		return fmt.Sprintf("%d alerts", b.Total)
	}
	first := &b.Items[max(0, slices.IndexFunc(b.Items, func(it dkron.BriefItem) bool { return !it.Event.Over() }))]
	line := first.Title()
	if first.Count > 1 {
		line += fmt.Sprintf(" (%d times)", first.Count)
	}
	if others := uint64(len(b.Items)) - 1 + b.More; others > 0 {
		line += fmt.Sprintf(" and %d more", others)
	}
	return line
}

// plain is the text of a message, for people.
func plain(b *dkron.Brief) string {
	var t strings.Builder
	for i := range b.Items {
		it := &b.Items[i]
		fmt.Fprintf(&t, "%s", it.Title())
		if it.Count > 1 {
			fmt.Fprintf(&t, ", %d times since %s", it.Count, it.First.UTC().Format(time.RFC3339))
		}
		fmt.Fprintf(&t, "\n  at %s", it.Last.UTC().Format(time.RFC3339))
		if it.Owner != "" {
			fmt.Fprintf(&t, ", owner %s", it.Owner)
		}
		if it.Rule != "" {
			fmt.Fprintf(&t, ", rule %s", it.Rule)
		}
		t.WriteString("\n")
		if it.Reason != "" {
			fmt.Fprintf(&t, "  %s\n", it.Reason)
		}
		if it.Link != "" {
			fmt.Fprintf(&t, "  %s\n", it.Link)
		}
		for _, line := range it.Lines {
			fmt.Fprintf(&t, "  | %s\n", line)
		}
	}
	if b.More > 0 {
		fmt.Fprintf(&t, "and %d more; %d in all\n", b.More, b.Total)
	}
	return t.String()
}

// sampleBrief is a message to try a template with.
func sampleBrief() *dkron.Brief {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o := dkron.Occurrence{
		Rule: "example", Job: "backup", Event: dkron.AlertFailed, Count: 2, First: at, Last: at, Reason: "exit code 1 on node1", Alert: 1,
	}
	return &dkron.Brief{
		ID: "cluster/message/1", Cluster: "cluster", Link: "https://dkron.example.com",
		Message: &dkron.Message{Number: 1, Channel: "example", At: at, Occurrences: []dkron.Occurrence{o}, Total: 2},
		Items:   []dkron.BriefItem{{Occurrence: o, Owner: "ops", Lines: []string{"a \"line\""}, Link: "https://dkron.example.com/ui/launches/backup.1"}},
	}
}
