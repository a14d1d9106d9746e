package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// jobJSON is a job as clients read it. The first 26 keys are the public contract; the others are additions.
type jobJSON struct {
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

	Running   uint64    `json:"running"` // launches that run or wait for a node
	Queued    int       `json:"queued"`  // launches that wait for those to end
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by"`
	Revision  uint64    `json:"revision"`

	ScheduleText string `json:"schedule_text"`       // the schedule in words
	LaunchID     string `json:"launch_id,omitempty"` // of the run that the request caused
}

// catchupJSON has empty strings for what is left to the server.
type catchupJSON struct {
	Policy dkron.CatchupPolicy `json:"policy"`
	Window string              `json:"window"`
}

type dstJSON struct {
	Gap     string `json:"gap"`
	Overlap string `json:"overlap"`
}

// jobJSON returns all that clients read of a job.
func (a *api) jobJSON(r *dkron.Record) *jobJSON {
	out := newJobJSON(r)
	out.ScheduleText = a.wording.Of(&r.Job)
	return out
}

// newJobJSON leaves out the words of the schedule.
func newJobJSON(r *dkron.Record) *jobJSON {
	j, p := &r.Job, &r.Progress
	out := &jobJSON{
		ID: j.Name, Name: j.Name, DisplayName: j.DisplayName, Timezone: j.Timezone, Schedule: j.Schedule,
		Owner: j.Owner, OwnerEmail: j.OwnerEmail, SuccessCount: p.SuccessCount, ErrorCount: p.ErrorCount,
		LastSuccess: nullable(p.LastSuccess), LastError: nullable(p.LastError), Disabled: j.Disabled,
		Tags: filled(j.Tags), Metadata: filled(j.Metadata), Retries: j.Retries, ParentJob: j.ParentJob,
		Processors: newProcessors(j.Processors), Concurrency: j.Concurrency, Executor: j.Executor,
		ExecutorConfig: filled(j.ExecutorConfig), Status: p.Status, Next: utc(p.Next), Ephemeral: j.Ephemeral,
		StartsAt: nullable(j.StartsAt), ExpiresAt: nullable(j.ExpiresAt),
		Catchup: catchupJSON{Policy: j.Catchup.Policy}, DST: dstJSON(j.DST), RetryLost: j.RetryLost,
		RetryOn: j.RetryOn, RetryBackoff: newBackoffJSON(j.Backoff), QueueLimit: j.QueueLimit,
		Parents: newParentsJSON(j.Parents), ParentsJoin: j.Join, History: newHistoryJSON(j.History),
		Running: p.Active, Queued: len(p.Queued),
		CreatedAt: utc(j.CreatedAt), UpdatedAt: utc(j.UpdatedAt), UpdatedBy: j.UpdatedBy, Revision: j.Revision,
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

// readRecord returns a job with what has become of it, or ErrNotFound.
func readRecord(tx *state.Tx, name string) (*dkron.Record, error) {
	j, err := tx.Job(name)
	if err != nil {
		return nil, err
	}
	p, err := tx.Progress(j.Number)
	if err != nil {
		return nil, err
	}
	return &dkron.Record{Job: *j, Progress: *p}, nil
}

func (a *api) getJob(w http.ResponseWriter, r *http.Request) error {
	var record *dkron.Record
	err := a.Store.View(func(tx *state.Tx) (err error) {
		record, err = readRecord(tx, r.PathValue("job"))
		return err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, a.jobJSON(record))
}

// setJob creates a job or replaces its definition: POST and PATCH of the collection, PUT of one job.
func (a *api) setJob(w http.ResponseWriter, r *http.Request) error {
	if err := a.refusePaused(r.Context()); err != nil {
		return err
	}
	job, err := a.readJob(w, r)
	if err != nil {
		return err
	}
	stored, err := request.Do(r.Context(), a.Controller, &request.SetJob{Record: *job})
	if errors.Is(err, dkron.ErrInvalid) {
		return invalidJob(err)
	}
	if err != nil {
		return err
	}
	a.warnJob(w, &stored.Job)
	body := a.jobJSON(&stored.Record)
	if asks(r.URL.Query(), "runoncreate") && !stored.Job.Disabled {
		if body.LaunchID, err = a.runNew(w, r, stored.Job.Name); err != nil {
			return err
		}
	}
	w.Header().Set("Location", jobPath(stored.Job.Name))
	return respond.JSON(w, r, http.StatusCreated, body)
}

// readJob reads the body, also what had become of the job before. A path that names the job is as good as a name in the body, and must not differ from it.
func (a *api) readJob(w http.ResponseWriter, r *http.Request) (*dkron.Record, error) {
	object, err := a.readObject(r)
	if err != nil {
		return nil, err
	}
	body, err := decodeJob(object)
	if err != nil {
		return nil, unparsable(err)
	}
	progress, err := body.progress()
	if err != nil {
		return nil, unparsable(err)
	}
	warnUnknown(w, body.unknown)
	job := &body.job
	if name := r.PathValue("job"); name != "" {
		if job.Name != "" && job.Name != name {
			return nil, invalidJob(dkron.Invalid("name %q differs from %q in the path", respond.Shorten(job.Name), respond.Shorten(name)))
		}
		job.Name = name
	}
	return &dkron.Record{Job: *job, Progress: progress}, nil
}

func invalidJob(err error) error {
	return respond.Refuse(http.StatusBadRequest, "Job validation failed: %s.", err)
}

// asHeader escapes a launch id for a header: names of jobs may have letters that are not ASCII.
func asHeader(id string) string { return url.PathEscape(id) }

func jobPath(name string) string { return "/v1/jobs/" + url.PathEscape(name) }

// deleteJob removes a job. What runs of it goes on, and can be reached until it ends; with ?stop it is to end too, and
// with ?wait as well the answer waits for that.
func (a *api) deleteJob(w http.ResponseWriter, r *http.Request) error {
	job := r.PathValue("job")
	var stop *dkron.Stop
	if asks(r.URL.Query(), "stop") {
		reason, err := stopReason(r)
		if err != nil {
			return err
		}
		stop = &dkron.Stop{Reason: reason}
	}
	open, err := a.openOf(job)
	if err != nil {
		return err
	}
	from := a.Store.Events().Last()
	deleted, err := request.Do(r.Context(), a.Controller, &request.DeleteJob{Job: job, Stop: stop})
	if err != nil {
		return err
	}
	if stop != nil && waits(r) {
		if _, err := a.awaitEnd(r.Context(), from, job, open); err != nil {
			return err
		}
	}
	return respond.JSON(w, r, http.StatusOK, a.jobJSON(&deleted.Record))
}

func (a *api) toggleJob(w http.ResponseWriter, r *http.Request) error {
	stored, err := request.Do(r.Context(), a.Controller, &request.ToggleJob{Job: r.PathValue("job")})
	if err != nil {
		return err
	}
	if !stored.Job.Disabled {
		a.warnJob(w, &stored.Job)
	}
	w.Header().Set("Location", r.URL.RequestURI())
	return respond.JSON(w, r, http.StatusOK, a.jobJSON(&stored.Record))
}
