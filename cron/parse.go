package cron

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Parse reads a schedule. An error says what is wrong and what would be right; its text is part of the API.
func Parse(text string, opt Options) (*Schedule, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, errors.New("empty spec string")
	}
	loc, err := ParseZone(opt.Zone)
	if err != nil {
		return nil, err
	}
	prefix, rest := cutZone(text)
	if prefix != "" {
		if loc, err = parsePrefix(prefix); err != nil {
			return nil, err
		}
		if rest == "" {
			return nil, fmt.Errorf("empty spec string after %s: want fields or a descriptor", prefix)
		}
	}
	s := &Schedule{loc: loc, gap: opt.Gap, overlap: opt.Overlap}
	if strings.HasPrefix(rest, "@") {
		err = s.parseDescriptor(rest, opt)
	} else {
		s.cal, err = parseFields(rest, hash(opt.Name))
	}
	if err != nil {
		return nil, err
	}
	if prefix != "" && (s.kind == KindAt || s.kind == KindAfter || s.kind == KindManual) {
		return nil, fmt.Errorf("%s cannot precede %s: a zone applies to fields and to descriptors such as @daily", prefix, rest)
	}
	return s, nil
}

// cutZone splits a TZ= or CRON_TZ= prefix from the schedule after it.
func cutZone(text string) (prefix, rest string) {
	if !strings.HasPrefix(text, "TZ=") && !strings.HasPrefix(text, "CRON_TZ=") {
		return "", text
	}
	prefix = strings.Fields(text)[0]
	return prefix, strings.TrimSpace(text[len(prefix):])
}

func parsePrefix(prefix string) (*time.Location, error) {
	_, name, _ := strings.Cut(prefix, "=")
	if name == "" {
		return nil, fmt.Errorf("provided bad location : no zone after %s, want e.g. %sEurope/Paris", prefix, prefix)
	}
	loc, err := ParseZone(name)
	if err != nil {
		return nil, fmt.Errorf("provided bad location %s: %w", name, err)
	}
	return loc, nil
}

// parseFields reads five or six fields; h is the number that replaces ~.
func parseFields(text string, h uint64) (calendar, error) {
	fields := strings.Fields(text)
	switch len(fields) {
	case 5:
		fields = append([]string{"0"}, fields...)
	case 6:
	default:
		return calendar{}, fmt.Errorf("expected 5 or 6 fields, found %d: %v", len(fields), fields)
	}
	var sets [6]set
	var days dayRule
	for i, text := range fields {
		f := field{bounds: allBounds[i]}
		switch i {
		case 3:
			f.special = days.parseDom
		case 5:
			f.special = days.parseDow
		}
		var err error
		if sets[i], err = f.parse(text, h); err != nil {
			return calendar{}, err
		}
	}
	days.dom, days.domStar = uint32(sets[3].bits), sets[3].star
	days.dow, days.dowStar = uint32(sets[5].bits), sets[5].star
	return calendar{
		second: sets[0].bits,
		minute: sets[1].bits,
		hour:   sets[2].bits,
		month:  sets[4].bits,
		days:   days,
		fixed:  sets[0].plain && sets[1].plain && sets[2].plain,
	}, nil
}
