package courier

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/state"
)

const (
	maxLines     = 10   // of an output in a message
	maxLineBytes = 2000 // of them together
	withLines    = 10   // items of a message that have lines of their output
)

// read returns a message's channel, and the message as it is sent.
func (c *Courier) read(m *dkron.Message) (channel *dkron.Channel, b *dkron.Brief, err error) {
	err = c.State.View(func(tx *state.Tx) error {
		if channel, err = tx.Channel(m.Channel); err != nil {
			return err
		}
		b = NewBrief(tx, channel, m, c.Link())
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	b.Cluster, b.Reporting = c.Cluster(), c.Node
	b.ID = b.Cluster + "/message/" + strconv.FormatUint(m.Number, 10)
	return channel, b, nil
}

// NewBrief adds to a message what the history has of its occurrences. link is the address of a page, "" for none; the
// channel may have another. What is gone is left out.
func NewBrief(tx *state.Tx, c *dkron.Channel, m *dkron.Message, link string) *dkron.Brief {
	if own := c.Settings["link"]; own != "" {
		link = own
	}
	link = strings.TrimRight(link, "/")
	b := &dkron.Brief{Message: m, Link: link}
	for i, o := range m.Occurrences {
		it := dkron.BriefItem{Occurrence: o}
		if j, err := tx.Job(o.Job); err == nil && j.Number == o.JobNumber {
			it.Owner = j.Owner
		}
		if o.Execution != 0 && i < withLines {
			if e, err := tx.ExecutedRecord(o.Execution); err == nil {
				it.Lines = lastLines(string(dkron.PlainText(e.Output)))
			} else if !errors.Is(err, dkron.ErrNotFound) {
				it.Lines = []string{"the output could not be read"}
			}
		}
		switch {
		case link == "" || o.Job == "":
		case o.Group != 0:
			it.Link = link + "/ui/launches/" + url.PathEscape(dkron.LaunchID(o.Job, o.Group))
		default:
			it.Link = link + "/ui/jobs/" + url.PathEscape(o.Job)
		}
		b.Items = append(b.Items, it)
	}
	return b
}

// lastLines returns the last lines of an output.
func lastLines(output string) []string {
	output = strings.TrimSpace(strings.ToValidUTF8(output, "?"))
	if output == "" {
		return nil
	}
	if len(output) > maxLineBytes {
		output = "…" + strings.ToValidUTF8(output[len(output)-maxLineBytes:], "")
	}
	lines := strings.Split(output, "\n")
	lines = lines[max(0, len(lines)-maxLines):]
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], "\r")
	}
	return lines
}
