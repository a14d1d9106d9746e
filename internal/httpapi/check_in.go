package httpapi

import (
	"errors"
	"mime"
	"net"
	"net/http"

	"dkron"
	"dkron/internal/jobform"
	"dkron/internal/request"
	"dkron/internal/respond"
)

const checkInPath = "/v1/checkins/{job}"

// checkIn records what whoever runs a job reports of it.
func (a *api) checkIn(w http.ResponseWriter, r *http.Request) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	report, err := jobform.ReadCheckIn(r.URL.Query(), r.Body, kind == "application/json")
	if errors.Is(err, dkron.ErrInvalid) {
		return err
	}
	if err != nil {
		return unreadable(err)
	}
	if report.From == "" {
		report.From = clientOf(r)
	}
	ask := &request.CheckIn{Job: r.PathValue("job"), Report: *report}
	if report.State == dkron.CheckInStart {
		err = a.started(w, r, ask)
	} else {
		err = a.launched(w, r, ask)
	}
	if errors.Is(err, dkron.ErrNotFound) {
		err = respond.Refuse(http.StatusNotFound, `there is no job %s; create it first, with "executor": "checkin" and "schedule": "@manually"`,
			respond.Shorten(ask.Job))
	}
	return err
}

// started notes a start.
func (a *api) started(w http.ResponseWriter, r *http.Request, ask *request.CheckIn) error {
	done, err := request.Do(r.Context(), a.Controller, ask)
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusAccepted, jobform.NewCheckIn(&done.Before))
}

// clientOf returns the address of the client, without its port.
func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || host == "" {
		return "unknown"
	}
	return host
}
