package main

import (
	"fmt"
	"net/http"
	"os"
)

// createStorm stores the jobs that fail every second.
func createStorm(s *server, o *options, k *sink) error {
	for i := range o.storm {
		err := s.call(http.MethodPost, "/v1/jobs", map[string]any{
			"name": fmt.Sprintf("storm-%06d", i), "schedule": "* * * * * *", "timezone": "UTC", "executor": "http",
			"executor_config": map[string]string{"method": "GET", "url": "http://" + k.addr + "/fail", "expectCode": "200"},
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// notified measures with a rule that notices each failure, and counts its messages.
func notified(o *options, s *server, k *sink, interrupted <-chan os.Signal) (*measurement, error) {
	err := s.call(http.MethodPut, "/v1/channels/sink", map[string]any{"type": "webhook", "settings": map[string]string{"url": "http://" + k.addr + "/message"}}, nil)
	if err == nil {
		err = s.call(http.MethodPut, "/v1/rules/storm", map[string]any{"on": []string{"failed"}, "channels": []string{"sink"}}, nil)
	}
	if err != nil {
		return nil, err
	}
	m, err := measure(o, s, k, interrupted)
	if err == nil {
		fmt.Printf("with a rule: %d messages about %d failures\n", m.sent.Messages, m.failed)
	}
	return m, err
}
