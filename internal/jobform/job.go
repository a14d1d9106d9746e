package jobform

import (
	"time"

	"dkron"
	"dkron/internal/respond"
)

// Job is a job as clients read it. The first 26 keys are the public contract; the others were added later.
type Job struct {
	ID             string                       `json:"id"`
	Name           string                       `json:"name"`
	DisplayName    string                       `json:"displayname"`
	Timezone       string                       `json:"timezone"`
	Schedule       string                       `json:"schedule"`
	Owner          string                       `json:"owner"`
	OwnerEmail     string                       `json:"owner_email"`
	SuccessCount   uint64                       `json:"success_count"`
	ErrorCount     uint64                       `json:"error_count"`
	LastSuccess    *time.Time                   `json:"last_success"`
	LastError      *time.Time                   `json:"last_error"`
	Disabled       bool                         `json:"disabled"`
	Tags           map[string]string            `json:"tags"`
	Metadata       map[string]string            `json:"metadata"`
	Retries        uint32                       `json:"retries"`
	DependentJobs  []string                     `json:"dependent_jobs"`
	ParentJob      string                       `json:"parent_job"`
	Processors     map[string]map[string]string `json:"processors"`
	Concurrency    dkron.Concurrency            `json:"concurrency"`
	Executor       string                       `json:"executor"`
	ExecutorConfig map[string]string            `json:"executor_config"`
	Status         dkron.Status                 `json:"status"`
	Next           time.Time                    `json:"next"`
	Ephemeral      bool                         `json:"ephemeral"`
	StartsAt       *time.Time                   `json:"starts_at"`
	ExpiresAt      *time.Time                   `json:"expires_at"`

	Catchup   catchupJSON `json:"catchup"`
	DST       dstJSON     `json:"dst"`
	RetryLost bool        `json:"retry_lost"`

	RetryOn      dkron.RetryOn `json:"retry_on"`
	RetryBackoff *backoffJSON  `json:"retry_backoff"`
	QueueLimit   uint64        `json:"queue_limit"`
	Parents      []parentJSON  `json:"parents"`
	ParentsJoin  dkron.Join    `json:"parents_join"`
	History      *historyJSON  `json:"history"`
	Confirm      bool          `json:"confirm"`
	Notes        string        `json:"notes"`
	Channels     []string      `json:"channels,omitempty"`

	Objectives *objectivesJSON `json:"objectives,omitempty"`

	Running   uint64    `json:"running"` // launches that run or wait for a node
	Queued    int       `json:"queued"`  // launches that wait for those to end
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by"`
	Revision  uint64    `json:"revision"`

	*Condition // nil in a file of jobs

	ScheduleText string `json:"schedule_text"`       // the schedule in words
	LaunchID     string `json:"launch_id,omitempty"` // of the run that the request started
}

// catchupJSON has empty strings where the server decides.
type catchupJSON struct {
	Policy dkron.CatchupPolicy `json:"policy"`
	Window string              `json:"window"`
}

type dstJSON struct {
	Gap     string `json:"gap"`
	Overlap string `json:"overlap"`
}

// New returns the form of a job, without the schedule in words.
func New(r *dkron.Record) *Job {
	j, p := &r.Job, &r.Progress
	out := &Job{
		ID: j.Name, Name: j.Name, DisplayName: j.DisplayName, Timezone: j.Timezone, Schedule: j.Schedule,
		Owner: j.Owner, OwnerEmail: j.OwnerEmail, SuccessCount: p.SuccessCount, ErrorCount: p.ErrorCount,
		LastSuccess: respond.Nullable(p.LastSuccess), LastError: respond.Nullable(p.LastError), Disabled: j.Disabled,
		Tags: filled(j.Tags), Metadata: filled(j.Metadata), Retries: j.Retries, ParentJob: j.ParentJob,
		Processors: newProcessors(j.Processors), Concurrency: j.Concurrency, Executor: j.Executor,
		ExecutorConfig: filled(j.ExecutorConfig), Status: p.Status, Next: respond.UTC(p.Next), Ephemeral: j.Ephemeral,
		StartsAt: respond.Nullable(j.StartsAt), ExpiresAt: respond.Nullable(j.ExpiresAt),
		Catchup: catchupJSON{Policy: j.Catchup.Policy}, DST: dstJSON(j.DST), RetryLost: j.RetryLost,
		RetryOn: j.RetryOn, RetryBackoff: newBackoffJSON(j.Backoff), QueueLimit: j.QueueLimit,
		Parents: newParentsJSON(j.Parents), ParentsJoin: j.Join, History: newHistoryJSON(j.History),
		Confirm: j.Confirm, Notes: j.Notes, Channels: j.Channels, Objectives: newObjectivesJSON(j.Objectives),
		Running: p.Active, Queued: len(p.Queued),
		CreatedAt: respond.UTC(j.CreatedAt), UpdatedAt: respond.UTC(j.UpdatedAt), UpdatedBy: j.UpdatedBy, Revision: j.Revision,
	}
	if len(j.DependentJobs) > 0 {
		out.DependentJobs = j.DependentJobs
	}
	if j.Catchup.Window != 0 {
		out.Catchup.Window = j.Catchup.Window.String()
	}
	return out
}

func newProcessors(p map[string]map[string]string) map[string]map[string]string {
	out := make(map[string]map[string]string, len(p))
	for name, config := range p {
		if config == nil {
			config = map[string]string{}
		}
		out[name] = config
	}
	return out
}

// filled returns nil, JSON's null, for an empty map.
func filled[K comparable, V any](m map[K]V) map[K]V {
	if len(m) == 0 {
		return nil
	}
	return m
}
