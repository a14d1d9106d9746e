package jobform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"dkron"
	"dkron/internal/respond"
)

// DecodeRecords reads an array of jobs in the form of a list, with their progress. Nothing may follow it.
func DecodeRecords(file io.Reader) (jobs []dkron.Record, unknown []string, err error) {
	d := json.NewDecoder(file)
	first, err := d.Token()
	if err != nil {
		return nil, nil, Readable(err)
	}
	if first != json.Delim('[') {
		return nil, nil, errors.New("the jobs must be an array of objects")
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, nil, Readable(err)
		}
		record, ignored, err := decodeRecord(raw)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", whichJob(raw, len(jobs)), err)
		}
		jobs, unknown = append(jobs, *record), append(unknown, ignored...)
	}
	if _, err = d.Token(); err != nil {
		return nil, nil, Readable(err)
	}
	return jobs, unknown, atEnd(d, "the jobs must be one array")
}

// whichJob names a job of a file in an error.
func whichJob(raw json.RawMessage, index int) string {
	var named struct{ Name string }
	if json.Unmarshal(raw, &named) == nil && named.Name != "" {
		return fmt.Sprintf("job %q", respond.Shorten(named.Name))
	}
	return fmt.Sprintf("job number %d", index+1)
}

// decodeRecord reads a job with its counters. Policies that are not sent stay undecided.
func decodeRecord(raw json.RawMessage) (*dkron.Record, []string, error) {
	if raw[0] != '{' {
		return nil, nil, errors.New("it must be an object, not " + describe(raw))
	}
	b := new(Body)
	if err := b.decode(raw); err != nil {
		return nil, nil, err
	}
	p, err := b.finish()
	if err != nil {
		return nil, nil, err
	}
	return &dkron.Record{Job: b.Job, Progress: p}, b.Unknown, nil
}

// finish returns the progress of a job that is restored: Progress with the status.
func (b *Body) finish() (dkron.Progress, error) {
	p, err := b.Progress()
	if err != nil {
		return p, err
	}
	switch b.status {
	case "", dkron.StatusSuccess, dkron.StatusFailed, dkron.StatusPartiallyFailed:
	default:
		return p, fmt.Errorf("status must be %q, %q, %q or empty, not %q",
			dkron.StatusSuccess, dkron.StatusFailed, dkron.StatusPartiallyFailed, respond.Shorten(string(b.status)))
	}
	p.Status = b.status
	return p, nil
}
