package cron

import (
	"fmt"
	"strings"
	"time"
)

// Daily returns the schedule of a time of day: HH:MM, after days of the week in the form of a schedule's last field if it is
// not for every day, such as "mon-fri 06:00". The hour is from 00 to 23.
func Daily(text string) (schedule string, err error) {
	parts := strings.Fields(text)
	days := "*"
	if len(parts) == 2 {
		days = parts[0]
	}
	if len(parts) == 0 || len(parts) > 2 || strings.Trim(days, "*-,0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", fmt.Errorf(`%q is no time of day; write HH:MM, or days and HH:MM as in "mon-fri 06:00"`, text)
	}
	at, err := time.Parse("15:04", parts[len(parts)-1])
	if err != nil {
		return "", fmt.Errorf(`%q is no time of day; write HH:MM from 00:00 to 23:59`, parts[len(parts)-1])
	}
	schedule = fmt.Sprintf("%d %d * * %s", at.Minute(), at.Hour(), days)
	if _, err := Parse(schedule, Options{}); err != nil {
		return "", fmt.Errorf(`%q are no days of the week; write them as in "mon-fri" or "sat,sun"`, days)
	}
	return schedule, nil
}
