package jobform

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/respond"
)

// count reads a whole number.
func count(at func(*Body) *uint64) setter {
	return func(b *Body, raw json.RawMessage) error {
		n, err := strconv.ParseUint(string(raw), 10, 63)
		if err != nil {
			return wrong("a whole number, 0 or more", raw)
		}
		*at(b) = n
		return nil
	}
}

// duration reads a duration; an empty text is 0. set reports whether the text was not empty.
func duration(at func(*Body) *time.Duration, set *bool) setter {
	const want = `a duration such as "90s" or "1h30m"`
	return func(b *Body, raw json.RawMessage) error {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return wrong(want, raw)
		}
		if s == "" {
			return nil
		}
		d, err := time.ParseDuration(s)
		if err != nil {
			return errors.New(" must be " + want + ", not " + strconv.Quote(respond.Shorten(s)))
		}
		*at(b), *set = d, true
		return nil
	}
}

func retryBackoff(b *Body, raw json.RawMessage) error {
	b.Job.Backoff = dkron.Backoff{}
	to := &b.Job.Backoff
	var initial, ignored bool
	err := members(b, "retry_backoff", raw, map[string]setter{
		"initial": duration(func(*Body) *time.Duration { return &to.Initial }, &initial),
		"max":     duration(func(*Body) *time.Duration { return &to.Max }, &ignored),
		"factor": func(_ *Body, raw json.RawMessage) error {
			f, err := strconv.ParseFloat(string(raw), 64)
			if err != nil || f < 1 || f > 10 {
				return wrong("a number from 1 to 10", raw)
			}
			to.Factor = uint64(math.Round(f * 1000))
			return nil
		},
	})
	to.NoPause = initial && to.Initial == 0
	return err
}

func parents(b *Body, raw json.RawMessage) error {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return wrong(`an array of objects such as {"job":"extract","on":"success"}`, raw)
	}
	b.Job.Parents = nil
	for i, one := range list {
		var p dkron.Parent
		name := fmt.Sprintf("parents[%d]", i)
		if len(one) == 0 || one[0] != '{' {
			return fmt.Errorf("[%d]%w", i, wrong("an object", one))
		}
		err := members(b, name, one, map[string]setter{
			"job": text(func(*Body) *string { return &p.Job }),
			"on":  text(func(*Body) *dkron.Condition { return &p.On }),
		})
		if err != nil {
			return fmt.Errorf("[%d]%w", i, err)
		}
		b.Job.Parents = append(b.Job.Parents, p)
	}
	return nil
}

func retention(b *Body, raw json.RawMessage) error {
	b.Job.History = dkron.Retention{}
	to := &b.Job.History
	var ignored bool
	return members(b, "history", raw, map[string]setter{
		"count": count(func(*Body) *uint64 { return &to.Count }),
		"age":   duration(func(*Body) *time.Duration { return &to.Age }, &ignored),
		"bytes": count(func(*Body) *uint64 { return &to.Bytes }),
	})
}

func objectives(b *Body, raw json.RawMessage) error {
	var to dkron.Objectives
	// Zero would expect nothing, which nobody writes who means it.
	atLeast := func(d *time.Duration) setter {
		return func(b *Body, raw json.RawMessage) error {
			set := false
			err := duration(func(*Body) *time.Duration { return d }, &set)(b, raw)
			if err == nil && set && *d == 0 {
				err = errors.New(" must be from 1s to 8784h, not 0s")
			}
			return err
		}
	}
	err := members(b, "objectives", raw, map[string]setter{
		"deadline":          text(func(*Body) *string { return &to.Deadline }),
		"max_lateness":      atLeast(&to.MaxLateness),
		"expected_duration": atLeast(&to.ExpectedDuration),
		"max_silence":       atLeast(&to.MaxSilence),
	})
	if b.Job.Objectives = nil; to != (dkron.Objectives{}) {
		b.Job.Objectives = &to
	}
	return err
}
