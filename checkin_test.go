package dkron

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// checked is a job in which nothing is wrong, with a change.
func checked(change func(*Job)) *Job {
	j := &Job{Name: "backup", Executor: ExecutorCheckIn, Schedule: "@manually", Objectives: &Objectives{Deadline: "mon-fri 06:00", MaxSilence: time.Hour, ExpectedDuration: time.Hour}}
	change(j)
	return j
}

func TestAJobThatChecksInHasNothingThatIsForJobsThatDkronRuns(t *testing.T) {
	for field, change := range map[string]func(*Job){
		"":                        func(*Job) {},
		"retries":                 func(j *Job) { j.Retries = 1 },
		"retry_lost":              func(j *Job) { j.RetryLost = true },
		"tags":                    func(j *Job) { j.Tags = map[string]string{"a": "b"} },
		"catchup":                 func(j *Job) { j.Catchup.Policy = CatchupLast },
		"parents":                 func(j *Job) { j.ParentJob = "a" },
		"schedule":                func(j *Job) { j.Schedule = "" },
		"objectives.max_lateness": func(j *Job) { j.Objectives.MaxLateness = time.Hour },
		"objectives.deadline":     func(j *Job) { j.Objectives.Deadline = "+2h" },
		"processors":              func(j *Job) { j.Processors = map[string]map[string]string{"log": {"on": "node"}} },
	} {
		found, err := checked(change).Mistakes(), checked(change).Validate()
		switch {
		case field == "" && (err != nil || found != nil):
			t.Errorf("refused: %v, %v", found, err)
		case field != "" && (len(found) != 1 || found[0].Field != field || found[0].Severity != Refused || err == nil):
			t.Errorf("%s: %+v, %v", field, found, err)
		case field != "" && !strings.HasPrefix(err.Error(), field+" does not go with executor checkin"):
			t.Errorf("%s: %v", field, err)
		}
		runs := checked(change)
		runs.Executor = "shell"
		if err := runs.Validate(); err != nil && field != "schedule" {
			t.Errorf("%s of a job that dkron runs: %v", field, err)
		}
	}
	odd := checked(func(j *Job) { j.Concurrency = Forbid }).Problems(time.Now())
	if len(odd) != 1 || odd[0].Field != "concurrency" || odd[0].Severity != Doubtful {
		t.Errorf("%+v", odd)
	}
}

func TestAReportThatCantBeMeantIsRefused(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for want, change := range map[string]func(*CheckIn){
		"":           func(c *CheckIn) { c.StartedAt, c.ID = now.Add(-maxCheckedRun), strings.Repeat("x", MaxCheckInID) },
		"started_at": func(c *CheckIn) { c.StartedAt = now.Add(maxAhead + 1) },
		"31 days":    func(c *CheckIn) { c.StartedAt = now.Add(-maxCheckedRun - 1) },
		"id has":     func(c *CheckIn) { c.ID = strings.Repeat("x", MaxCheckInID+1) },
		"from must":  func(c *CheckIn) { c.From = "a/b" },
		"from has":   func(c *CheckIn) { c.From = strings.Repeat("x", 254) },
		"state":      func(c *CheckIn) { c.State = "done" },
		"error must": func(c *CheckIn) { c.Error = "a\nb" },
	} {
		c := CheckIn{State: CheckInFail, From: "db1", StartedAt: now.Add(time.Minute)}
		change(&c)
		err := c.Validate(now)
		if want == "" && err != nil || want != "" && (!errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), want)) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
