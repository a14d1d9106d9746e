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
			if e, err := telling(tx, &o); err == nil {
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

// maxTargets is among how many executions of a launch the one is looked for that says why it failed.
const maxTargets = 100

// telling returns the execution whose output says most of an occurrence: of a launch on several nodes the last one that did not
// succeed, of which the history may have several attempts.
func telling(tx *state.Tx, o *dkron.Occurrence) (*dkron.Execution, error) {
	if !o.Event.Problem() && o.Event != dkron.AlertReminder && o.Event != dkron.AlertDisabled {
		return tx.ExecutedRecord(o.Execution)
	}
	var newest *dkron.Execution
	seen := make(map[uint64]bool) // slots whose last attempt was read
	for n, at := 0, o.Execution; n < maxTargets && at != 0; n++ {
		e, err := tx.RecordedExecution(at)
		if errors.Is(err, dkron.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		if newest == nil {
			newest = e
		}
		if e.Key.Launch != newest.Key.Launch {
			break
		}
		if e.Outcome != dkron.Success && !seen[e.Key.Slot] {
			return tx.ExecutedRecord(e.Number)
		}
		seen[e.Key.Slot] = true
		at = e.Prev
	}
	return tx.ExecutedRecord(o.Execution)
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
