package dkron

import "unicode"

// maxQueueLimit keeps a job's progress, which lists every queued launch, small.
const maxQueueLimit = 1000

// maxName keeps names usable as keys of the database, which allows 32 KiB, and in paths of requests.
const maxName = 4096

// Validate returns an ErrInvalid in the words of the public API if the job is not acceptable.
func (j *Job) Validate() error {
	if err := ValidateName(j.Name); err != nil {
		return err
	}
	if err := j.validateParents(); err != nil {
		return err
	}
	if j.Schedule == "" && !j.Child() {
		return Invalid("can't parse job schedule: empty spec string. A job without a parent needs one, such as @daily or 0 30 3 * * *")
	}
	if j.Schedule != "" {
		if _, err := j.Parse(); err != nil {
			return Invalid("can't parse job schedule: %w", err)
		}
	}
	switch j.Concurrency {
	case "", Allow, Forbid, Queue, Replace:
	default:
		return Invalid(`invalid concurrency policy value, use "allow" or "forbid", or "queue" or "replace"`)
	}
	if err := j.validateRetry(); err != nil {
		return err
	}
	if j.QueueLimit > maxQueueLimit {
		return Invalid("invalid queue_limit %d, use at most %d", j.QueueLimit, maxQueueLimit)
	}
	if err := j.History.Validate("history"); err != nil {
		return err
	}
	switch j.Catchup.Policy {
	case "", CatchupAll, CatchupLast, CatchupSkip:
	default:
		return Invalid(`invalid catchup.policy %q, use "all", "last" or "skip"`, j.Catchup.Policy)
	}
	if j.Catchup.Window < 0 {
		return Invalid("invalid catchup.window %s, must not be negative", j.Catchup.Window)
	}
	if g := j.DST.Gap; g != "" && g != "after" && g != "skip" {
		return Invalid(`invalid dst.gap %q, use "after" or "skip"`, g)
	}
	if o := j.DST.Overlap; o != "" && o != "first" && o != "both" {
		return Invalid(`invalid dst.overlap %q, use "first" or "both"`, o)
	}
	return nil
}

// ValidateName returns why name can't name a job.
func ValidateName(name string) error {
	if name == "" {
		return Invalid("name cannot be empty")
	}
	if len(name) > maxName {
		return Invalid("name has %d bytes, use at most %d", len(name), maxName)
	}
	for _, r := range name {
		if !unicode.Is(unicode.Ll, r) && !(r >= '0' && r <= '9') && r != '_' && r != '-' {
			return Invalid("name contains illegal character '%c'. Use lower-case letters, digits, _ and -", r)
		}
	}
	return nil
}
