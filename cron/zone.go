package cron

import (
	"errors"
	"path"
	"sync"
	"time"
	_ "time/tzdata" // zone names must work on machines without a zone database
)

// zones remembers each zone that was found, by name. It is the one package
// variable that changes, and only a memo: a million jobs in one zone would
// otherwise read its file, and hold its several kilobytes, a million times. It
// holds no more than the database has names.
var zones sync.Map

// ParseZone returns the zone of a job: "" and "Local" are the server's own
// zone, everything else is "UTC" or a name of the IANA database in its exact
// case. The error texts are those of the API.
func ParseZone(name string) (*time.Location, error) {
	if name == "" {
		return time.Local, nil
	}
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil && err.Error() == "time: invalid location name" {
		return nil, err
	}
	// The name is opened as a file: what the file system says, and whether it
	// forgives a doubled slash, must not depend on the machine.
	if err != nil || path.Clean(name) != name {
		return nil, errors.New("unknown time zone " + name)
	}
	known, _ := zones.LoadOrStore(name, loc)
	return known.(*time.Location), nil
}
