package app

import (
	"context"
	"errors"

	"dkron"
	"dkron/internal/alarm"
	"dkron/internal/courier"
	"dkron/internal/httpserver"
	"dkron/internal/noticeapi"
	"dkron/internal/notify"
	"dkron/internal/objective"
	"dkron/internal/request"
	"dkron/internal/state"
)

// openNotifier makes the channels through which this server sends notices while it leads. An agent has none.
func (n *Node) openNotifier() (err error) {
	if !n.cfg.Server {
		return nil
	}
	c := n.cfg
	if n.keys, err = c.SecretKeys(); err != nil {
		return err
	}
	settings := notify.Settings{
		MailHost: c.MailHost, MailPort: c.MailPort, MailUsername: c.MailUsername, MailPassword: c.MailPassword, MailFrom: c.MailFrom,
		MailPayload: c.MailPayload, MailSubjectPrefix: c.MailSubjectPrefix,
		WebhookEndpoint: c.WebhookEndpoint, WebhookPayload: c.WebhookPayload, WebhookHeaders: c.WebhookHeaders,
		PreWebhookEndpoint: c.PreWebhookEndpoint, PreWebhookPayload: c.PreWebhookPayload, PreWebhookHeaders: c.PreWebhookHeaders,
		CronitorEndpoint: c.CronitorEndpoint,
	}
	options := notify.Options{Cluster: func() string { return n.identity.Cluster() }, Reach: n.reach, Secret: func(name string) (string, error) { return n.server.vault.Value(name) }, Logger: n.log}
	notifier, refused, doubtful := notify.New(settings, options)
	for _, p := range doubtful {
		n.log.Warn(c.Problem(p.Setting, p.Text).Error())
	}
	var problems []error
	for _, p := range refused {
		problems = append(problems, c.Problem(p.Setting, p.Text))
	}
	n.notifier = notifier
	n.outbox = notify.NewOutbox(notifier, settings, options, func(ctx context.Context, job string, env map[string]string, payload string) error {
		change := &dkron.Change{Env: env, Payload: &dkron.Payload{Text: payload}}
		_, err := request.Do(ctx, n.server.control, &request.LaunchJob{Job: job, Change: change})
		return err
	})
	n.stops.add("notifications", notifier.Close)
	return errors.Join(problems...)
}

// courier returns the courier of a term.
func (s *server) courier() *courier.Courier {
	return courier.New(courier.Config{
		Node: s.node.cfg.NodeName, Cluster: s.node.identity.Cluster, Link: s.page, State: s.state, Recorder: s.control, Sender: s.node.outbox, Breaches: objective.NewBoard(s.state).EachBreach,
		Count: s.node.metrics.Messaged, Logger: s.log,
	})
}

// page returns the address of this server's page, "" if it has none.
func (s *server) page() string {
	at, scheme := s.standing.Serves(), "http://"
	if at == "" || !s.node.cfg.UI {
		return ""
	}
	if s.node.httpTLS() != nil {
		scheme = "https://"
	}
	return scheme + at
}

// alarm returns what speaks for the cluster outside of its log.
func (s *server) alarm() *alarm.Alarm {
	c := s.node.cfg
	return alarm.New(alarm.Config{
		Node: c.NodeName, Cluster: s.node.identity.Cluster, Leadership: s.raft.Node, LeaderChanged: s.bells.LeaderChanged, Late: s.state.Index().Late,
		Caller: s.node.outbox, Mailer: s.node.outbox, AlarmURL: c.AlarmURL, HeartbeatURL: c.HeartbeatURL, Every: c.HeartbeatInterval, Logger: s.log,
	})
}

// noticeRoutes returns the endpoints of channels and rules.
func (s *server) noticeRoutes() []httpserver.Route {
	var types []noticeapi.Type
	for _, t := range notify.ChannelTypes() {
		types = append(types, noticeapi.Type{Name: t.Name, Schema: t.Schema.JSON()})
	}
	return noticeapi.Routes(noticeapi.Config{
		Controller: s.proxy, Store: s.state, Sender: s.node.outbox, Types: types,
		Brief: func(tx *state.Tx, c *dkron.Channel, m *dkron.Message) *dkron.Brief {
			b := courier.NewBrief(tx, c, m, s.page())
			b.Cluster, b.Reporting = s.node.identity.Cluster(), s.node.cfg.NodeName
			return b
		},
	})
}
