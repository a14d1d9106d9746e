package cron

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// parseDescriptor reads what starts with @.
func (s *Schedule) parseDescriptor(text string, opt Options) error {
	word, argument, given := strings.Cut(text, " ")
	switch {
	case word == "@every" && given:
		return s.parseEvery(text, argument, opt.Anchor)
	case word == "@at" && given:
		return s.parseAt(text, argument)
	case word == "@after" && given:
		return s.parseAfter(text, argument)
	case text == "@manually":
		s.kind = KindManual
		return nil
	}
	fields := fieldsOf(text)
	if fields == "" {
		return fmt.Errorf("unrecognized descriptor: %s", text)
	}
	var err error
	s.cal, err = parseFields(fields, 0)
	return err
}

// fieldsOf returns the fields equivalent to a descriptor, or "".
func fieldsOf(descriptor string) string {
	switch descriptor {
	case "@yearly", "@annually":
		return "0 0 0 1 1 *"
	case "@monthly":
		return "0 0 0 1 * *"
	case "@weekly":
		return "0 0 0 * * 0"
	case "@daily", "@midnight":
		return "0 0 0 * * *"
	case "@hourly":
		return "0 0 * * * *"
	case "@minutely":
		return "0 * * * * *"
	}
	return ""
}

// parseEvery reads an interval; it is at least a second, in whole seconds.
func (s *Schedule) parseEvery(text, argument string, anchor time.Time) error {
	d, err := time.ParseDuration(argument)
	if err != nil {
		return fmt.Errorf("failed to parse duration %s: %w; want e.g. @every 1h30m", text, err)
	}
	s.kind = KindEvery
	s.anchor = anchor.Unix()
	s.interval = max(1, int64(d/time.Second))
	return nil
}

func (s *Schedule) parseAt(text, argument string) error {
	instant, err := parseInstant(argument)
	if err != nil {
		return fmt.Errorf("failed to parse date %s: %w; want e.g. @at 2030-01-31T12:00:00Z", text, err)
	}
	s.kind = KindAt
	s.instant = instant
	return nil
}

// parseInstant reads an RFC 3339 time that also has a valid form in UTC.
func parseInstant(text string) (time.Time, error) {
	instant, err := time.Parse(time.RFC3339, text)
	if year := instant.UTC().Year(); err == nil && (year < 0 || year > 9999) {
		err = errors.New("not within the years 0000 to 9999 in UTC")
	}
	return instant, err
}

func (s *Schedule) parseAfter(text, argument string) error {
	const want = "want e.g. @after 2030-01-31T12:00:00Z <PT2H"
	date, grace, _ := strings.Cut(argument, " ")
	instant, err := parseInstant(date)
	if err != nil {
		return fmt.Errorf("failed to parse date %s: %w; %s", text, err, want)
	}
	if grace == "" {
		return fmt.Errorf("no grace period: %s; %s", text, want)
	}
	duration, ok := strings.CutPrefix(grace, "<")
	if !ok {
		return fmt.Errorf("grace period must start with '<', got: %s", grace)
	}
	if s.grace, err = ParseISODuration(duration); err != nil {
		return fmt.Errorf("failed to parse grace period %s: %w", text, err)
	}
	s.kind = KindAfter
	s.instant = instant
	return nil
}
