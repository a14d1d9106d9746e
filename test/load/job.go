package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// creators is how many requests store or delete jobs at once.
const creators = 32

func jobName(o *options, i int) string { return fmt.Sprintf("load-%s-%06d", o.mode, i) }

func createJobs(s *server, o *options, k *sink) error {
	return eachJob(o, func(i int) error {
		job := map[string]any{"name": jobName(o, i), "schedule": "* * * * * *", "timezone": "UTC"}
		if o.tls { // one of the servers runs it
			job["tags"] = map[string]string{"role": "load:1"}
		}
		if o.mode != "shell" {
			job["executor"] = map[string]string{"http": "http", "plugin": pluginName}[o.mode]
			job["executor_config"] = map[string]string{"method": "GET", "url": "http://" + k.addr + "/run", "expectCode": "200"}
		} else {
			job["executor"] = "shell"
			job["executor_config"] = map[string]string{"command": "true"}
		}
		return s.call(http.MethodPost, "/v1/jobs", job, nil)
	})
}

func deleteJobs(s *server, o *options) {
	err := eachJob(o, func(i int) error { return s.call(http.MethodDelete, "/v1/jobs/"+jobName(o, i), nil, nil) })
	if err != nil {
		fmt.Println("jobs are left on the server:", err)
	}
}

// eachJob calls do for every job and returns the first error.
func eachJob(o *options, do func(i int) error) (first error) {
	var once sync.Once
	var wg sync.WaitGroup
	next := make(chan int)
	for range creators {
		wg.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	for i := range o.jobs {
		next <- i
	}
	close(next)
	wg.Wait()
	return first
}

// recordedLateness returns start − nominal of executions between from and to, of up to 100 jobs spread over all.
func recordedLateness(s *server, o *options, from, to time.Time) ([]time.Duration, error) {
	var all []time.Duration
	for i := 0; i < o.jobs; i += max(1, o.jobs/100) {
		var list []struct {
			Started   time.Time `json:"started_at"`
			Scheduled time.Time `json:"scheduled_at"`
			Outcome   string    `json:"outcome"`
		}
		if err := s.get("/v1/jobs/"+jobName(o, i)+"/executions", &list); err != nil {
			return nil, err
		}
		for _, e := range list {
			if e.Outcome != "" && !e.Scheduled.Before(from) && e.Scheduled.Before(to) {
				all = append(all, e.Started.Sub(e.Scheduled))
			}
		}
	}
	return all, nil
}
